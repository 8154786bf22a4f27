package dev.tutti.fusion.method.fingerprint;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.vote.Ballots;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.fusion.method.vote.Clones;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** How {@link Dfpe} is fitted. A pure function of the data: no chance is used. */
public final class DfpeFit {

  /**
   * Settings of the fit. Distance, quantile and sharpness are the paper's.
   *
   * @param canonical form in which answers are compared
   * @param label of the dataset that tells the subject
   * @param distance most between neighbours of a cluster
   * @param quantile of the accuracies below which a cluster's best is left out
   * @param sharpness of the weights
   */
  public record Settings(
      @Setting(help = Selector.CANONICAL) AnswerForm canonical,
      @Setting(help = "label of the dataset that tells a question's subject; none where empty")
          String label,
      @Setting(
              help =
                  "members are alike whose fingerprints' cosine distance is at most this: 1 minus"
                      + " the share of the questions to which both give one answer",
              min = 0,
              max = 1)
          double distance,
      @Setting(
              help = "quantile of the clusters' best accuracies below which one is left out",
              min = 0,
              max = 1)
          double quantile,
      @Setting(
              help = "a weight is exp(sharpness x accuracy); 0 weighs all that are left alike",
              min = 0,
              max = 100)
          double sharpness) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, "category", .5, .75, 1);
  }

  private DfpeFit() {}

  /** As {@link FittedSelector#fit}. */
  static SubjectWeights fit(RecordedAnswers data, Settings settings, RandomGenerator random) {
    Ballots ballots = Ballots.of(data, settings.canonical(), settings.label());
    int members = data.members().size();
    var bySubject = new TreeMap<String, List<Integer>>();
    for (int i = 0; i < ballots.rows().size(); i++) {
      String subject = ballots.rows().get(i).category();
      if (!subject.isEmpty()) {
        bySubject.computeIfAbsent(subject, _ -> new ArrayList<>()).add(i);
      }
    }
    var weights = new TreeMap<String, double[]>();
    var centres = new TreeMap<String, float[]>();
    bySubject.forEach(
        (subject, its) -> {
          Interruption.check();
          weights.put(
              subject, weights(its.stream().map(ballots.rows()::get).toList(), members, settings));
          centre(its.stream().map(data.rows()::get).toList(), subject, centres);
        });
    return new SubjectWeights(
        VoteWeights.of(data.members(), weights(ballots.rows(), members, settings), weights),
        centres);
  }

  /** One a member; 0 where it is left out. */
  static double[] weights(List<Ballot> rows, int members, Settings settings) {
    double[] accuracies = Ballots.means(rows, members);
    Clones clusters =
        Clones.linked(members, (i, j) -> distance(rows, i, j) <= settings.distance() + 1e-12);
    var best = new int[clusters.size()];
    Arrays.fill(best, -1);
    for (int m = 0; m < members; m++) {
      int cluster = clusters.groups()[m];
      if (best[cluster] < 0 || accuracies[m] > accuracies[best[cluster]]) {
        best[cluster] = m;
      }
    }
    double least =
        quantile(
            Arrays.stream(best).mapToDouble(m -> accuracies[m]).sorted().toArray(),
            settings.quantile());
    double most = Arrays.stream(best).mapToDouble(m -> accuracies[m]).max().orElseThrow();
    var weights = new double[members];
    double sum = 0;
    for (int m : best) {
      if (accuracies[m] >= least) {
        weights[m] = Math.exp(settings.sharpness() * (accuracies[m] - most));
        sum += weights[m];
      }
    }
    for (int m = 0; m < members; m++) {
      weights[m] /= sum;
    }
    return weights;
  }

  /** Cosine distance of who gave which answer to which question; 1 where one gave none. */
  private static double distance(List<Ballot> rows, int first, int second) {
    long alike = 0;
    long ones = 0;
    long others = 0;
    for (Ballot row : rows) {
      int one = row.answers()[first];
      int other = row.answers()[second];
      ones += one >= 0 ? 1 : 0;
      others += other >= 0 ? 1 : 0;
      alike += one >= 0 && one == other ? 1 : 0;
    }
    return alike == 0 ? 1 : 1 - alike / Math.sqrt((double) ones * others);
  }

  /** Between two values linearly, as is usual; never above the greatest. */
  static double quantile(double[] rising, double at) {
    double place = at * (rising.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(rising.length - 1, below + 1);
    return Math.min(
        rising[above], rising[below] + (place - below) * (rising[above] - rising[below]));
  }

  private static void centre(
      List<RecordedAnswers.Row> rows, String subject, SortedMap<String, float[]> centres) {
    double[] sum = null;
    for (RecordedAnswers.Row row : rows) {
      float[] query = row.candidates().evidence().query().orElse(null);
      if (query != null) {
        sum = sum == null ? new double[query.length] : sum;
        for (int i = 0; i < sum.length; i++) {
          sum[i] += query[i];
        }
      }
    }
    if (sum != null) {
      double[] unit = Vectors.unit(sum);
      var centre = new float[unit.length];
      for (int i = 0; i < centre.length; i++) {
        centre[i] = (float) unit[i];
      }
      centres.put(subject, centre);
    }
  }
}
