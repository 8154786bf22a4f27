package dev.tutti.cascade.estimate;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How good members' answers are: by the question before anybody answered, and by what answered
 * after that: a logistic regression for each member and each set of members that may have answered
 * (Dekoninck et al. 2025, arXiv:2410.10347: quality estimates ex ante and post hoc; Chen et al.
 * 2023, arXiv:2305.05176: the scorer of an answer). The question enters by its ex-ante estimates
 * alone, answers by their length, digits, log-probabilities and by who agrees with whom; their own
 * embeddings, which FrugalGPT's scorer reads, would cost a call a rung, and are left out. Each head
 * learns from at most {@value #MOST_ROWS} questions, evenly over the data. Immutable as long as
 * nobody writes to a matrix.
 */
public final class Estimates {

  /**
   * What is wanted of a fit.
   *
   * @param embedding whether the question's embedding is looked at
   * @param ridge penalty of the ex-ante heads
   * @param penalty of the heads over answers
   * @param form in which answers are compared
   * @param sets that may have answered
   * @param silent whether members are estimated too that have not answered
   */
  public record Wanted(
      boolean embedding,
      double ridge,
      double penalty,
      AnswerForm form,
      List<Integer> sets,
      boolean silent) {

    private double exAnteRidge() {
      return embedding ? ridge : 0;
    }
  }

  /**
   * What a fit gave.
   *
   * @param estimates that it learned
   * @param evidence of the rows, in their order, each with the ex-ante estimates of others
   */
  public record Fitted(Estimates estimates, List<Evidence> evidence) {}

  /** A few dozen numbers are learned from these as well as from more. */
  private static final int MOST_ROWS = 5000;

  private static final String FORM = "form";
  private static final String HEADS = "post-hoc ";

  private final List<String> members;
  private final ExAnte exAnte;
  private final AnswerForm form;

  /** By set, a row a member; rows of NaN where nothing was learned. */
  private final SortedMap<Integer, Matrix> heads;

  private Estimates(
      List<String> members, ExAnte exAnte, AnswerForm form, SortedMap<Integer, Matrix> heads) {
    this.members = List.copyOf(members);
    this.exAnte = exAnte;
    this.form = form;
    this.heads = Collections.unmodifiableSortedMap(heads);
  }

  /**
   * Fits.
   *
   * @throws IllegalArgumentException when a member never answered, or a score is outside [0, 1]
   */
  public static Fitted fit(RecordedOutcomes data, Wanted wanted) {
    ExAnte exAnte = ExAnte.fit(data, wanted.exAnteRidge());
    double[][] logits = ExAnte.crossFitted(data, wanted.exAnteRidge(), exAnte);
    Thread fitting = Thread.currentThread();
    List<Evidence> evidence =
        IntStream.range(0, logits.length)
            .parallel()
            .mapToObj(
                i -> {
                  Interruption.check(fitting);
                  return new Evidence(logits[i], answers(data.rows().get(i)), wanted.form());
                })
            .toList();
    var heads = new TreeMap<Integer, Matrix>();
    wanted.sets().parallelStream()
        .filter(set -> set != 0)
        .map(
            set -> {
              Interruption.check(fitting);
              return Map.entry(set, heads(data, evidence, set, wanted));
            })
        .toList()
        .forEach(its -> heads.put(its.getKey(), its.getValue()));
    return new Fitted(new Estimates(data.members(), exAnte, wanted.form(), heads), evidence);
  }

  private static List<Optional<GivenAnswer>> answers(Row row) {
    return row.outcomes().stream().map(its -> its.map(Estimates::answer)).toList();
  }

  private static GivenAnswer answer(Recorded its) {
    return new GivenAnswer(its.text(), Optional.empty(), its.signals());
  }

  private static Matrix heads(
      RecordedOutcomes data, List<Evidence> evidence, int set, Wanted wanted) {
    int count = data.members().size();
    var rows = new float[count][];
    int[] all =
        IntStream.range(0, evidence.size())
            .filter(i -> (evidence.get(i).answered() & set) == set)
            .toArray();
    int[] whole =
        all.length <= MOST_ROWS
            ? all
            : IntStream.range(0, MOST_ROWS)
                .map(i -> all[(int) ((long) i * all.length / MOST_ROWS)])
                .toArray();
    for (int m = 0; m < count; m++) {
      if ((set >> m & 1) == 1) {
        int member = m;
        rows[m] =
            head(data, evidence, whole, m, i -> evidence.get(i).ofAnswered(member, set), wanted);
      }
    }
    if (wanted.silent()) {
      var estimated = new double[evidence.size()][];
      for (int i : whole) {
        estimated[i] = new double[count];
        for (int m = 0; m < count; m++) {
          if (rows[m] != null) {
            estimated[i][m] =
                (float) LogisticHead.of(rows[m], 0, evidence.get(i).ofAnswered(m, set));
          }
        }
      }
      for (int m = 0; m < count; m++) {
        if ((set >> m & 1) == 0) {
          int member = m;
          rows[m] =
              head(
                  data,
                  evidence,
                  whole,
                  m,
                  i -> evidence.get(i).ofSilent(member, set, estimated[i]),
                  wanted);
        }
      }
    }
    int width =
        Arrays.stream(rows).filter(row -> row != null).mapToInt(row -> row.length).max().orElse(0);
    return Matrix.of(
        Arrays.stream(rows)
            .map(
                row -> {
                  var padded = new float[width];
                  if (row == null) {
                    Arrays.fill(padded, Float.NaN);
                    return padded;
                  }
                  System.arraycopy(row, 0, padded, 0, row.length);
                  return padded;
                })
            .toList());
  }

  /** Null where nobody knows what the member's answer was worth. */
  private static float[] head(
      RecordedOutcomes data,
      List<Evidence> evidence,
      int[] rows,
      int member,
      IntFunction<double[]> features,
      Wanted wanted) {
    int[] known =
        Arrays.stream(rows).filter(i -> (evidence.get(i).answered() >> member & 1) == 1).toArray();
    if (known.length == 0) {
      return null;
    }
    return LogisticHead.fit(
        Arrays.stream(known).mapToObj(features).toArray(double[][]::new),
        Arrays.stream(known).mapToDouble(i -> data.rows().get(i).score(member)).toArray(),
        wanted.penalty());
  }

  /** Whom it is about: at most 30. */
  public List<String> members() {
    return members;
  }

  /** Whether it looks at the question's embedding. */
  public boolean embeds() {
    return exAnte.heads().isPresent();
  }

  /** What is known of a recorded question that was not learned from. */
  public Evidence evidence(Row row) {
    return new Evidence(exAnte.logits(row.embedding()), answers(row), form);
  }

  /** What is known in an episode: of each member of which it learned, its latest answer. */
  public Evidence evidence(Episode episode) {
    var answers =
        new ArrayList<Optional<GivenAnswer>>(Collections.nCopies(members.size(), Optional.empty()));
    for (Stage stage : episode.stages()) {
      int column = column(episode, stage);
      if (column >= 0 && stage instanceof Answered its) {
        answers.set(column, Optional.of(new GivenAnswer(its.text(), its.tools(), its.signals())));
      }
    }
    return new Evidence(exAnte.logits(embedding(episode)), answers, form);
  }

  /** Place among {@link #members} of whom was asked; -1 of whom nothing was learned. */
  public int column(Episode episode, Stage stage) {
    int member = stage.asked().member();
    return member == Call.PLATFORM ? -1 : members.indexOf(episode.members().get(member).knownAs());
  }

  private static Optional<float[]> embedding(Episode episode) {
    return episode.stages().stream()
        .filter(Episode.Embedded.class::isInstance)
        .map(stage -> ((Episode.Embedded) stage).vectors().getFirst())
        .findFirst();
  }

  /** How good each member's answer is, by the question alone; in [0, 1], rounded to a float. */
  public double[] exAnte(Evidence evidence) {
    return Arrays.stream(evidence.exAnte()).map(z -> (float) Vectors.sigmoid(z)).toArray();
  }

  /**
   * How good each member's answer is, in [0, 1], rounded to a float, as whatever is tuned keeps it.
   *
   * @param set that has answered, as far as it is looked at; the empty one looks at no answer
   * @return NaN where nothing was learned: of a set that was not fitted, of a member that has not
   *     answered where those are not estimated
   */
  public double[] of(Evidence evidence, int set) {
    if (set == 0) {
      return exAnte(evidence);
    }
    var quality = new double[members.size()];
    Arrays.fill(quality, Double.NaN);
    Matrix its = heads.get(set);
    if (its == null) {
      return quality;
    }
    for (int m = 0; m < quality.length; m++) {
      if ((set >> m & 1) == 1) {
        quality[m] = of(its, m, evidence.ofAnswered(m, set));
      }
    }
    for (int m = 0; m < quality.length; m++) {
      if ((set >> m & 1) == 0 && !Float.isNaN(its.at(m, 0))) {
        quality[m] = of(its, m, evidence.ofSilent(m, set, quality));
      }
    }
    return quality;
  }

  private static double of(Matrix heads, int member, double[] x) {
    return (float) LogisticHead.of(heads.values(), member * heads.columns(), x);
  }

  /** The parameters, and these. */
  public Parameters with(Parameters kept) {
    Parameters its = exAnte.with(kept).with(FORM, form.ordinal());
    for (var entry : heads.entrySet()) {
      its = its.with(HEADS + entry.getKey(), entry.getValue());
    }
    return its;
  }

  /** What {@link #with} kept. */
  public static Estimates of(Parameters kept) {
    var heads = new TreeMap<Integer, Matrix>();
    kept.matrices()
        .forEach(
            (name, matrix) -> {
              if (name.startsWith(HEADS)) {
                heads.put(Integer.parseInt(name.substring(HEADS.length())), matrix);
              }
            });
    return new Estimates(
        kept.members(), ExAnte.read(kept), AnswerForm.values()[(int) kept.number(FORM)], heads);
  }
}
