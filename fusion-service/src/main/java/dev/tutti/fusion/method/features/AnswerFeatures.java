package dev.tutti.fusion.method.features;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.text.WordOverlap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * An answer in numbers, as a ranker sees it: who gave it, what was asked, how it is written, who
 * else said it, and how sure its member was (Si et al. 2023, MoRE, section 4; the same at a fit and
 * at a request).
 *
 * <ul>
 *   <li>who gave it: a 1 in its member's place; all 0 for a member that the fit did not see
 *   <li>the question: what it asks for (what, who, which, when, where, how much or many, how, why),
 *       its words and numerals, and how often each letter and sign of ASCII is in it
 *   <li>the answer: characters, words, numerals, whether it is nothing but a number or a yes or no,
 *       and its overlap with the question
 *   <li>agreement: how many others say the same, how many different answers there are, token F1
 *       with each member's answer (-1 where it has none, and with its own), their mean and greatest
 *   <li>signals: mean, sum and least log-probability, mean and least distance to uniform, how far
 *       it is below the surest, its share of a vote by confidence, the greatest mean and sum among
 *       those that say the same and among the others, with their difference, and every member's
 *       mean log-probability; NaN where not known
 * </ul>
 *
 * <p>Departures from the paper: what it takes of retrieved passages and of explanations nobody
 * records here; counts of characters and others' signals are not the paper's: they tell kinds of
 * questions apart. Thread-safe; the cost is quadratic in the number of answers.
 */
public final class AnswerFeatures {

  /** What stands where a feature does not apply. */
  public static final double NOT_APPLICABLE = -1;

  /** Features that are no member's; each member has three. */
  private static final int OF_NOBODY = new AnswerFeatures(List.of()).names().size();

  private interface Feature {
    double of(AnswerView view, int answer);
  }

  private record Column(String name, Feature feature) {}

  private final List<Column> columns = new ArrayList<>();

  /**
   * Features for answers of these members.
   *
   * @param members as datasets know them
   */
  public AnswerFeatures(List<String> members) {
    for (String member : members) {
      add("by " + member, (v, i) -> yes(v.answers.get(i).knownAs().equals(member)));
    }
    addQuestion();
    addAnswer();
    addAgreement();
    for (String member : members) {
      add("f1 with " + member, (v, i) -> f1(v, i, member));
    }
    addSignals();
    for (String member : members) {
      add(
          "mean log-probability of " + member,
          (v, i) -> {
            int there = v.answers.get(i).knownAs().equals(member) ? i : v.other(i, member);
            return there < 0 ? Double.NaN : known(v, there, AnswerSignals::meanLogprob);
          });
    }
  }

  /** How many features an answer has where so many members are known. */
  public static int columns(int members) {
    return OF_NOBODY + 3 * members;
  }

  /**
   * Features for answers of these members, which what was learned is over.
   *
   * @param artifact what was learned
   * @param learned how many features each part of it is over
   * @throws IllegalArgumentException when they are others
   */
  public static AnswerFeatures of(String artifact, List<String> members, int... learned) {
    var features = new AnswerFeatures(members);
    for (int its : learned) {
      if (its != features.columns.size()) {
        throw new IllegalArgumentException(
            "The artifact '%s' is over %d features of an answer; this build has %d. Fit it anew."
                .formatted(artifact, its, features.columns.size()));
      }
    }
    return features;
  }

  private void add(String name, Feature feature) {
    columns.add(new Column(name, feature));
  }

  private void addQuestion() {
    for (String word : List.of("what", "who", "which", "when", "where", "why")) {
      add("asks " + word, (v, _) -> yes(v.asked.contains(word)));
    }
    add("asks how much", (v, _) -> yes(howMuch(v.asked)));
    add("asks how", (v, _) -> yes(v.asked.contains("how") && !howMuch(v.asked)));
    add("question's words", (v, _) -> v.asked.size());
    add("question's numerals", (v, _) -> numerals(v.asked));
    for (char c = 'a'; c <= 'z'; c++) {
      int small = c;
      int capital = Character.toUpperCase(c);
      add("question's " + c, (v, _) -> v.characters(small) + v.characters(capital));
    }
    add("question's capitals", (v, _) -> v.characters(c -> c >= 'A' && c <= 'Z'));
    add("question's digits", (v, _) -> v.characters(c -> c >= '0' && c <= '9'));
    add("question's spaces", (v, _) -> v.characters(c -> c <= ' '));
    for (char c = ' ' + 1; c <= '~'; c++) {
      int sign = c;
      if (!Character.isLetterOrDigit(c)) {
        add("question's " + c, (v, _) -> v.characters(sign));
      }
    }
  }

  private void addAnswer() {
    add("characters", (v, i) -> v.answers.get(i).text().length());
    add("words", (v, i) -> v.said.get(i).size());
    add("words beyond the mean", (v, i) -> v.said.get(i).size() - v.meanWords());
    add("numerals", (v, i) -> numerals(v.said.get(i)));
    add("a number alone", (v, i) -> yes(v.said.get(i).size() == 1 && numerals(v.said.get(i)) == 1));
    add(
        "yes or no",
        (v, i) ->
            yes(
                !v.said.get(i).isEmpty()
                    && List.of("yes", "no").contains(v.said.get(i).getFirst())));
    add("overlap with the question", (v, i) -> WordOverlap.f1(v.said.get(i), v.asked));
    add(
        "share from the question",
        (v, i) ->
            v.said.get(i).isEmpty()
                ? NOT_APPLICABLE
                : (double) v.said.get(i).stream().filter(v.askedWords::contains).count()
                    / v.said.get(i).size());
  }

  private void addAgreement() {
    add("answers", (v, _) -> v.answers.size());
    add("others that say the same", AnswerView::supporters);
    add("that say another thing together", AnswerView::rivals);
    add("different answers", (v, _) -> v.different());
    add("mean f1", (v, i) -> others(v, i).average().orElse(NOT_APPLICABLE));
    add("greatest f1", (v, i) -> others(v, i).max().orElse(NOT_APPLICABLE));
  }

  private void addSignals() {
    add("mean log-probability", (v, i) -> known(v, i, AnswerSignals::meanLogprob));
    add("sum of log-probabilities", (v, i) -> known(v, i, AnswerSignals::sumLogprob));
    add("least log-probability", (v, i) -> known(v, i, AnswerSignals::minLogprob));
    add("mean distance to uniform", (v, i) -> known(v, i, AnswerSignals::meanDistanceToUniform));
    add("least distance to uniform", (v, i) -> known(v, i, AnswerSignals::minDistanceToUniform));
    add("below the surest", AnswerView::belowSurest);
    add("share by confidence", AnswerView::confident);
    addSides("surest", AnswerSignals::meanLogprob);
    addSides("most probable", AnswerSignals::sumLogprob);
  }

  /** Of those that say the same, the answer itself among them, and of the others. */
  private void addSides(String which, Function<AnswerSignals, OptionalDouble> signal) {
    add(which + " that says the same", (v, i) -> v.greatest(i, true, signal));
    add(which + " that says another thing", (v, i) -> v.greatest(i, false, signal));
    add(
        which + " of the same less that of another",
        (v, i) -> v.greatest(i, true, signal) - v.greatest(i, false, signal));
  }

  /** What each number is, in their order. */
  public List<String> names() {
    return columns.stream().map(Column::name).toList();
  }

  /** One row an answer, in their order, one column a name. */
  public Matrix of(Query query, Candidates candidates) {
    var view = new AnswerView(query, candidates);
    var matrix = new Matrix(candidates.size(), columns.size());
    for (int i = 0; i < candidates.size(); i++) {
      for (int c = 0; c < columns.size(); c++) {
        matrix.values()[i * columns.size() + c] = (float) columns.get(c).feature().of(view, i);
      }
    }
    return matrix;
  }

  /**
   * Each answer as it is compared with the others; empty where it cannot be read. One that wants
   * tools to be called says nothing else.
   */
  public static List<Optional<String>> compared(AnswerForm form, List<Answer> answers) {
    return AnswerView.compared(form, answers);
  }

  private static double yes(boolean so) {
    return so ? 1 : 0;
  }

  private static boolean howMuch(List<String> asked) {
    for (int i = 0; i + 1 < asked.size(); i++) {
      if (asked.get(i).equals("how") && List.of("much", "many").contains(asked.get(i + 1))) {
        return true;
      }
    }
    return false;
  }

  private static double numerals(List<String> words) {
    return words.stream().filter(w -> w.chars().allMatch(Character::isDigit)).count();
  }

  private static double f1(AnswerView view, int answer, String member) {
    int there = view.other(answer, member);
    return there < 0 ? NOT_APPLICABLE : view.f1(answer, there);
  }

  private static java.util.stream.DoubleStream others(AnswerView view, int answer) {
    return java.util.stream.IntStream.range(0, view.answers.size())
        .filter(i -> i != answer)
        .mapToDouble(i -> view.f1(answer, i));
  }

  private static double known(
      AnswerView view, int answer, Function<AnswerSignals, OptionalDouble> signal) {
    return signal.apply(view.signals(answer)).orElse(Double.NaN);
  }
}
