package dev.tutti.fusion.method.similarity;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.text.TextSimilarity;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Agent-Forest: the answer that is most like all others is given (Li et al. 2024, More Agents Is
 * All You Need, TMLR, arXiv:2402.05120, algorithm 1).
 *
 * <p>{@code V(i) = sum_{j != i} sim(y_i, y_j)}, {@code argmax_i V(i)}; {@code sim} is sentence BLEU
 * with answer i as the hypothesis (the paper's, for open answers), ROUGE-L, token F1, the cosine of
 * sentence embeddings (0 where it is negative), or equality in one spelling (the paper's, for
 * closed answers), which is {@link MajorityVote}. The support of an answer is {@code (1 + V(i)) /
 * N}: every answer counts alike, and shares its vote as far as it is similar.
 *
 * <p>An answer that wants tools to be called is compared by their names and arguments, one that its
 * caller ran by what that gave; by cosine as far as they are equal. An answer that says nothing has
 * no vote but counts in N, and is given only where all say nothing. Texts are compared by their
 * first {@value #MOST_CHARACTERS} characters.
 *
 * <p>Departures: ties go to the member with the higher prior, then to the first; of two answers,
 * which are alike both ways, the one of the higher prior is given. Of code, tests are not run
 * first: that is the caller's. Cost per request: a call an answer, and one of embeddings for the
 * cosine; similarities grow with the square of the answers.
 */
public final class AgentForest implements Selector {

  private static final int MOST_CHARACTERS = 8000;

  /** Sums of the same similarities in another order may differ by this much, relative to 1. */
  private static final double ROUNDING = 1e-9;

  /** What makes answers alike. */
  public enum Similarity {
    /** Sentence BLEU. */
    BLEU,
    /** ROUGE-L. */
    ROUGE_L,
    /** Token F1. */
    TOKEN_F1,
    /** Cosine of sentence embeddings. */
    COSINE,
    /** Equality in one spelling. */
    FREQUENCY
  }

  /**
   * Settings.
   *
   * @param similarity of two answers
   * @param canonical form in which answers are equal
   */
  public record Settings(
      @Setting(
              help =
                  "What makes two answers alike: bleu, rouge_l, token_f1 (words), cosine (sentence"
                      + " embeddings), frequency (equal in one spelling: a majority vote).")
          Similarity similarity,
      @Setting(
              help =
                  "Form in which answers are compared; only frequency reads it. As of majority-vote.")
          AnswerForm canonical) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(Similarity.BLEU, AnswerForm.AUTO);
  }

  private final Settings settings;
  private final MajorityVote frequency;

  /** One with these settings. */
  public AgentForest(Settings settings) {
    this.settings = settings;
    this.frequency =
        new MajorityVote(
            new MajorityVote.Settings(settings.canonical(), MajorityVote.Weights.UNIFORM, 2));
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return settings.similarity() == Similarity.COSINE ? Set.of(Evidence.Kind.EMBEDDINGS) : Set.of();
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    if (settings.similarity() == Similarity.FREQUENCY) {
      return frequency.weigh(query, candidates);
    }
    int size = candidates.size();
    List<Optional<String>> said = candidates.answers().stream().map(AgentForest::said).toList();
    double[][] similar = similar(candidates, said);
    var support = new double[size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size && said.get(i).isPresent(); j++) {
        double its = said.get(j).isEmpty() ? 0 : similar[i][j];
        support[i] += (i == j ? 1 : its) / size;
      }
    }
    return new Weighing(
            Collections.nCopies(size, 1.0 / size),
            said,
            IntStream.range(0, size).mapToObj(i -> support[i]).toList(),
            OptionalInt.of(chosen(candidates, said, support)),
            explanation(said, support))
        .comparing(similar);
  }

  /** Only equal answers settle anything before all are there. */
  @Override
  public boolean isSettled(Candidates candidates, List<Double> pending) {
    return settings.similarity() == Similarity.FREQUENCY
        ? frequency.isSettled(candidates, pending)
        : pending.isEmpty();
  }

  /** What it says; empty where that is nothing. */
  static Optional<String> said(Answer answer) {
    return answer.compared(text -> Optional.of(text.strip()).filter(its -> !its.isEmpty()));
  }

  private double[][] similar(Candidates candidates, List<Optional<String>> said) {
    List<String> texts = texts(said);
    return switch (settings.similarity()) {
      case BLEU, FREQUENCY -> TextSimilarity.bleu(texts);
      case ROUGE_L -> TextSimilarity.rougeL(texts);
      case TOKEN_F1 -> TextSimilarity.f1(texts);
      case COSINE -> cosine(candidates);
    };
  }

  private static List<String> texts(List<Optional<String>> said) {
    return said.stream()
        .map(its -> its.orElse(""))
        .map(its -> its.substring(0, Math.min(its.length(), MOST_CHARACTERS)))
        .toList();
  }

  /** Of the answers' embeddings, 0 where it is negative; 1 of equal answers, 0 without them. */
  static double[][] cosine(Candidates candidates) {
    List<String> texts = texts(candidates.answers().stream().map(AgentForest::said).toList());
    List<Optional<float[]>> embeddings = candidates.evidence().embeddings();
    var similar = new double[texts.size()][texts.size()];
    for (int i = 0; i < similar.length; i++) {
      for (int j = 0; j < similar.length; j++) {
        boolean equal = texts.get(i).equals(texts.get(j));
        Optional<float[]> one = of(candidates, embeddings, i);
        Optional<float[]> other = of(candidates, embeddings, j);
        similar[i][j] =
            equal || one.isEmpty() || other.isEmpty()
                ? equal ? 1 : 0
                : Math.clamp(Vectors.dot(one.get(), other.get()), 0, 1);
      }
    }
    return similar;
  }

  /** What is compared is not in the text that was embedded, unless it is the text. */
  private static Optional<float[]> of(
      Candidates candidates, List<Optional<float[]>> embeddings, int place) {
    return embeddings.isEmpty() || !candidates.answers().get(place).isText()
        ? Optional.empty()
        : embeddings.get(place);
  }

  private static int chosen(Candidates candidates, List<Optional<String>> said, double[] support) {
    long speak = said.stream().filter(Optional::isPresent).count();
    int chosen = -1;
    for (int i = 0; i < support.length; i++) {
      if (said.get(i).isEmpty() && speak > 0) {
        continue;
      }
      if (chosen < 0) {
        chosen = i;
        continue;
      }
      double lead = support[i] - support[chosen];
      boolean stronger =
          candidates.answers().get(i).prior() > candidates.answers().get(chosen).prior();
      if (speak <= 2 || Math.abs(lead) <= ROUNDING ? stronger : lead > 0) {
        chosen = i;
      }
    }
    return chosen;
  }

  private String explanation(List<Optional<String>> said, double[] support) {
    String name = settings.similarity().name().toLowerCase(Locale.ROOT);
    long speak = said.stream().filter(Optional::isPresent).count();
    if (speak <= 2) {
      return "%d of %d answers say anything; the member with the highest prior speaks."
          .formatted(speak, said.size());
    }
    double most = Arrays.stream(support).max().orElseThrow();
    return "Of %d answers it is the most like the others, by %s: %.2f on average, itself included."
        .formatted(said.size(), name, most);
  }
}
