package dev.tutti.fusion.method.features;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.text.WordOverlap;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A question and its answers, with what several features need, worked out once. */
final class AnswerView {

  private static final int ASCII = 128;

  /** Of a vote by confidence: as sharp as tells the starter models' answers apart best. */
  private static final double SHARPNESS = 5;

  final List<String> asked;
  final Set<String> askedWords;
  final List<Answer> answers;
  final List<List<String>> said;
  private final int[] characters = new int[ASCII];
  private final List<Optional<String>> compared;
  private final List<AnswerSignals> signals;
  private final double[][] f1;

  AnswerView(Query query, Candidates candidates) {
    asked = WordOverlap.words(query.text());
    askedWords = Set.copyOf(asked);
    query.text().chars().forEach(c -> characters[Math.min(c, ASCII - 1)]++);
    answers = candidates.answers();
    said = answers.stream().map(answer -> WordOverlap.words(answer.text())).toList();
    compared = compared(AnswerForm.AUTO, answers);
    List<AnswerSignals> told = candidates.evidence().signals();
    signals = told.isEmpty() ? Collections.nCopies(answers.size(), AnswerSignals.NONE) : told;
    f1 = new double[answers.size()][answers.size()];
    for (int i = 0; i < f1.length; i++) {
      for (int j = 0; j < i; j++) {
        f1[i][j] = WordOverlap.f1(said.get(i), said.get(j));
        f1[j][i] = f1[i][j];
      }
    }
  }

  /** Each answer as it is compared. */
  static List<Optional<String>> compared(AnswerForm form, List<Answer> answers) {
    AnswerForm resolved = form.resolve(answers.stream().map(Answer::text).toList());
    return answers.stream().map(a -> a.compared(resolved::canonical)).toList();
  }

  /** How often a character is in the question; those beyond ASCII count as the last of it. */
  int characters(int character) {
    return characters[character];
  }

  /** How often characters of a kind are in the question. */
  int characters(java.util.function.IntPredicate kind) {
    int count = 0;
    for (int c = 0; c < ASCII; c++) {
      count += kind.test(c) ? characters[c] : 0;
    }
    return count;
  }

  AnswerSignals signals(int answer) {
    return signals.get(answer);
  }

  double f1(int one, int other) {
    return f1[one][other];
  }

  /** Place of a member's first answer beside this one; -1 where there is none. */
  int other(int answer, String member) {
    for (int i = 0; i < answers.size(); i++) {
      if (i != answer && answers.get(i).knownAs().equals(member)) {
        return answers.get(answer).knownAs().equals(member) ? -1 : i;
      }
    }
    return -1;
  }

  boolean same(int one, int other) {
    return compared.get(one).isPresent() && compared.get(one).equals(compared.get(other));
  }

  double meanWords() {
    return said.stream().mapToInt(List::size).average().orElseThrow();
  }

  /** How many others say the same. */
  int supporters(int answer) {
    int count = 0;
    for (int i = 0; i < answers.size(); i++) {
      count += i != answer && same(answer, i) ? 1 : 0;
    }
    return count;
  }

  /** How many say the most frequent one of the other answers that can be read. */
  int rivals(int answer) {
    int most = 0;
    for (int i = 0; i < answers.size(); i++) {
      if (compared.get(i).isPresent() && i != answer && !same(answer, i)) {
        most = Math.max(most, 1 + supporters(i));
      }
    }
    return most;
  }

  /** How many different answers can be read. */
  int different() {
    var seen = new HashSet<String>();
    compared.forEach(its -> its.ifPresent(seen::add));
    return seen.size();
  }

  /** Share of a vote by confidence that says the same; NaN where nobody's is known. */
  double confident(int answer) {
    double with = 0;
    double all = 0;
    for (int i = 0; i < answers.size(); i++) {
      OptionalDouble mean = signals(i).meanLogprob();
      if (mean.isPresent()) {
        double weight = Math.exp(SHARPNESS * mean.getAsDouble());
        all += weight;
        with += i == answer || same(answer, i) ? weight : 0;
      }
    }
    return all > 0 ? with / all : Double.NaN;
  }

  /**
   * The greatest signal among the answers that say the same, or among the others; NaN where none is
   * known.
   */
  double greatest(int answer, boolean same, Function<AnswerSignals, OptionalDouble> signal) {
    return IntStream.range(0, answers.size())
        .filter(i -> (i == answer || same(answer, i)) == same)
        .mapToObj(i -> signal.apply(signals(i)))
        .flatMapToDouble(OptionalDouble::stream)
        .max()
        .orElse(Double.NaN);
  }

  /** How far below the surest answer it is, nats a token; NaN where it is not known. */
  double belowSurest(int answer) {
    double most = Double.NEGATIVE_INFINITY;
    for (AnswerSignals its : signals) {
      most = Math.max(most, its.meanLogprob().orElse(Double.NEGATIVE_INFINITY));
    }
    return signals(answer).meanLogprob().orElse(Double.NaN) - most;
  }
}
