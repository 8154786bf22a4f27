package dev.tutti.cascade.method.student;

import dev.tutti.kit.settings.Setting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Neural caching (Ramírez et al. 2023, Cache me if you Can, arXiv:2310.13561): a student answers in
 * the place of a strong member, learns from that one's answers while it works, and leaves to it
 * what it needs most. This is all that is known so far. Immutable; made by {@link #fold}, whose
 * result depends on the observations alone, not on how they were handed over.
 *
 * <p>Until {@code initial} answers are there every question is the strong member's. From then on it
 * is asked where the need of a question ({@link Strategy}) exceeds the quantile of the last {@value
 * #RECENT} needs that leaves the share that may be spent. Whoever was asked counts as that, whether
 * or not something was learned from the answer. A student is learned anew every {@code every}
 * questions that go by, not only of those that were asked; one is kept, of a committee the last
 * {@value #COMMITTEE}.
 *
 * <p>The paper's student is a T5 that is tuned; here it is softmax regression, or a vote of
 * neighbours, over sentence embeddings, which is learned in a moment. Its threshold is a number
 * that is tuned for a budget beforehand; the quantile needs no tuning. Soft labels are not used:
 * few members tell them. Entropy is over the student's answers, the paper's code looks at the first
 * 100 logits. Whatever the strong member says beyond the canonical form of its answer is lost: for
 * questions with few possible answers, and for those that come again.
 */
public final class NeuralCache {

  /** What answers in the strong member's place. */
  public enum Kind {
    /** Softmax regression over the 64 most frequent answers. */
    SOFTMAX,
    /** The most similar questions vote, by how similar they are. */
    NEIGHBOURS
  }

  /**
   * Settings.
   *
   * @param strategy what is left to the strong member
   * @param student what answers in its place
   * @param share of the questions that the strong member is asked
   * @param initial answers of the strong member before the student answers anything
   * @param every so many questions another student is learned
   * @param kept most answers that are learned from, the latest
   */
  public record Settings(
      @Setting(
              help =
                  "What is left to the strong member: margin (the student's first answer hardly"
                      + " leads), entropy, committee (earlier students doubt the latest one's"
                      + " answer), coreset (unlike all that was learned from), random, or front_load"
                      + " (the first ones).")
          Strategy strategy,
      @Setting(
              help =
                  "What answers in its place: softmax (regression over its 64 most frequent answers)"
                      + " or neighbours (the most similar questions vote).")
          Kind student,
      @Setting(help = "Share of the questions that the strong member is asked.", min = 0, max = 1)
          double share,
      @Setting(
              help = "Answers of the strong member before the student answers anything.",
              min = 1,
              max = 100_000)
          int initial,
      @Setting(help = "After so many questions another student is learned.", min = 1, max = 100_000)
          int every,
      @Setting(help = "Most answers that are learned from, the latest.", min = 1, max = 20_000)
          int kept) {

    /** The defaults: the paper's; share and kept are ours. */
    public static final Settings DEFAULTS =
        new Settings(Strategy.MARGIN, Kind.SOFTMAX, .3, 100, 100, 10_000);
  }

  /** So many students are a committee. */
  static final int COMMITTEE = 4;

  private static final int RECENT = 300;
  private static final int FEWEST = 20;

  private final Settings settings;
  private final List<Example> examples;
  private final List<Student> students;
  private final Totals totals;
  private final double[] needs;

  /**
   * What is counted of all that went by.
   *
   * @param steps questions
   * @param asked of which so many the strong member answered
   * @param share sum of the shares that it might have been asked, millionths
   */
  public record Totals(long steps, long asked, long share) {

    /** Nothing went by. */
    public static final Totals NONE = new Totals(0, 0, 0);

    Totals plus(Observation its) {
      return new Totals(steps + 1, asked + (its.asked() ? 1 : 0), share + its.share());
    }

    /** How many answers more than were given might have been asked for; below 0: fewer. */
    double owed() {
      return (double) share / Observation.WHOLE - asked;
    }
  }

  private NeuralCache(
      Settings settings,
      List<Example> examples,
      List<Student> students,
      Totals totals,
      double[] needs) {
    this.settings = settings;
    this.examples = examples;
    this.students = students;
    this.totals = totals;
    this.needs = needs;
  }

  /** Nothing is known yet. */
  public static NeuralCache of(Settings settings) {
    return of(settings, Totals.NONE);
  }

  /** Of the questions that went by, nothing but their number is known any more. */
  public static NeuralCache of(Settings settings, Totals totals) {
    return new NeuralCache(settings, List.of(), List.of(), totals, new double[0]);
  }

  /** What is counted of all that went by. */
  public Totals totals() {
    return totals;
  }

  /** How many answers it has to learn from. */
  public int examples() {
    return examples.size();
  }

  /** How many embeddings it holds in memory: those of its examples, and its students' copies. */
  public int rows() {
    return examples.size() + students.stream().mapToInt(Student::rows).sum();
  }

  /**
   * What to do with a question.
   *
   * @param ask whether the strong member is asked
   * @param answer the student's, in canonical form; empty where there is no student yet
   * @param belief how probable it finds that, 0 to 1
   * @param need how much the strong member is wanted; NaN where there is no student yet
   * @param threshold above which it is asked; NaN where that is not by the need
   */
  public record Advice(
      boolean ask, Optional<String> answer, double belief, double need, double threshold) {}

  /**
   * What to do with a question where this share may be asked: what was spent too much or too little
   * of the shares that there were is made up for over the next {@code every} questions.
   *
   * @param embedding of unit length
   * @param draw of this question, in [0, 1): the same one, the same advice
   * @param share 0 to 1; another one than before counts from here on
   */
  public Advice advise(float[] embedding, double draw, double share) {
    return adviseAt(embedding, draw, share + totals.owed() / settings.every());
  }

  /**
   * The same where that is left out of account.
   *
   * @param rate 0 or less for nobody, 1 or more for all; for all as long as there is no student
   */
  Advice adviseAt(float[] embedding, double draw, double rate) {
    if (students.isEmpty()) {
      return new Advice(true, Optional.empty(), 0, Double.NaN, Double.NaN);
    }
    List<Guess> committee = students.stream().map(student -> student.guess(embedding)).toList();
    double need = settings.strategy().need(committee, draw);
    Guess latest = committee.getLast();
    boolean byNeed =
        settings.strategy() != Strategy.FRONT_LOAD
            && rate > 0
            && rate < 1
            && needs.length >= FEWEST;
    double threshold = byNeed ? quantile(1 - rate) : Double.NaN;
    boolean ask =
        byNeed
            ? need > threshold
            : settings.strategy() == Strategy.FRONT_LOAD ? rate > 0 : draw < rate;
    return new Advice(
        ask, Optional.of(latest.answer()), latest.of(latest.answer()), need, threshold);
  }

  private double quantile(double share) {
    double[] rising = needs.clone();
    Arrays.sort(rising);
    return rising[(int) Math.clamp(Math.ceil(share * rising.length) - 1, 0, rising.length - 1)];
  }

  /**
   * What is known after these questions too, one after the other.
   *
   * @param observations in their order
   */
  public NeuralCache fold(List<Observation> observations) {
    var all = new ArrayList<>(examples);
    var learned = new ArrayList<>(students);
    double[] latest = needs;
    Totals counted = totals;
    boolean begun = !students.isEmpty();
    int most = settings.strategy() == Strategy.COMMITTEE ? COMMITTEE : 1;
    // Of students that others replace at once none need be learned.
    var due = new ArrayDeque<List<Example>>();
    for (Observation observation : observations) {
      observation.example().ifPresent(all::add);
      latest = Double.isNaN(observation.need()) ? latest : with(latest, observation.need());
      counted = counted.plus(observation);
      boolean first = !begun && all.size() >= settings.initial();
      if (first || (begun && counted.steps() % settings.every() == 0)) {
        begun = true;
        all.subList(0, Math.max(0, all.size() - settings.kept())).clear();
        due.add(List.copyOf(all));
        if (due.size() > most) {
          due.remove();
        }
      }
    }
    due.forEach(its -> learned.add(Student.of(its, settings.student(), settings.strategy())));
    learned.subList(0, Math.max(0, learned.size() - most)).clear();
    return new NeuralCache(settings, List.copyOf(all), List.copyOf(learned), counted, latest);
  }

  private static double[] with(double[] needs, double need) {
    double[] longer = Arrays.copyOf(needs, needs.length + 1);
    longer[needs.length] = need;
    return longer.length > RECENT
        ? Arrays.copyOfRange(longer, longer.length - RECENT, longer.length)
        : longer;
  }
}
