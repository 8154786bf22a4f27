package dev.tutti.cascade.method.confidence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.Verdict;
import dev.tutti.cascade.method.confidence.ModelCascading.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Two-model cascades over recorded answers, by the protocol of Zellinger & Thomson (Rational Tuning
 * of LLM Cascades via Probabilistic Modeling, arXiv:2501.09345): thresholds are quantiles of the
 * first model's confidence on the train split, those are kept that are Pareto-optimal there, and
 * the error they give on the test split is averaged over the cost range that they span. A model
 * costs its mean price per query.
 */
public final class ModelCascadingReplay {

  private static final String SET = "zellinger_cascade9";
  private static final String METRIC = "mean error over the cost range";
  private static final List<String> LLAMAS =
      List.of("llama3.2-1b", "llama3.2-3b", "llama3.1-8b", "llama3.1-70b", "llama3.1-405b");
  private static final Map<String, Double> PUBLISHED =
      Map.of(
          "mmlu llama3.1-8b -> llama3.1-70b",
          0.2571,
          "triviaqa llama3.1-8b -> llama3.1-405b",
          0.0822);

  /** What one model did with one query. */
  private record Outcome(double logConfidence, boolean right, double usd) {}

  /** A split of a data set: by model, the outcomes in the order of the queries. */
  private static final Map<String, Map<String, List<Outcome>>> SPLITS = new HashMap<>();

  private record Point(double usd, double error) {}

  private ModelCascadingReplay() {}

  /** Replays two-model cascades of the recorded models. */
  public static void run(ReplayReport report) {
    Recordings.read(SET, ModelCascadingReplay::keep);
    for (String data : List.of("mmlu", "triviaqa")) {
      for (int strong = 1; strong < LLAMAS.size(); strong++) {
        for (int weak = 0; weak < strong; weak++) {
          replay(report, data, LLAMAS.get(weak), LLAMAS.get(strong));
        }
      }
    }
    report.note(
        "Confidence is the recorded log-probability (of the answer on mmlu, of a self-check on"
            + " triviaqa), as maxprob. 40 thresholds: quantiles .01, .035, ... .985 of the train"
            + " split; those are kept that no other beats there in both deferrals and expected"
            + " correctness (confidences calibrated by logistic regression on the train split, as"
            + " the paper does; the cascade itself compares raw ones). Measured on the test split.");
  }

  private static void keep(JsonNode json) {
    String split = json.get("dataset").asText() + " " + json.get("split").asText();
    for (Map.Entry<String, JsonNode> model : json.get("models").properties()) {
      JsonNode its = model.getValue();
      SPLITS
          .computeIfAbsent(split, s -> new HashMap<>())
          .computeIfAbsent(model.getKey(), m -> new ArrayList<>())
          .add(
              new Outcome(
                  its.get("confidence").asDouble(),
                  its.get("score").asDouble() == 1,
                  its.get("cost_tokens").asDouble()));
    }
  }

  private static void replay(ReplayReport report, String data, String weak, String strong) {
    List<Point> points =
        thresholds(data, weak, strong).stream()
            .map(threshold -> point(data, weak, strong, threshold))
            .sorted(Comparator.comparingDouble(Point::usd))
            .toList();
    double error = meanError(points);
    String name = data + " " + weak + " -> " + strong;
    Double published = PUBLISHED.get(name);
    if (published == null) {
      report.add(SET, "model-cascading, " + name, METRIC, error);
    } else {
      report.add(SET, "model-cascading, " + name, METRIC, error, published);
      assertEquals(published, error, 0.001, name);
    }
  }

  private static final List<MemberCard> TWO =
      List.of(MemberCard.of("weak", 1), MemberCard.of("strong", 1));

  /** Runs the cascade itself over the test split. */
  private static Point point(String data, String weak, String strong, double threshold) {
    // The paper defers at conf <= tau, the card (and the method) at conf < tau.
    double least = Math.min(1, Math.nextUp(threshold));
    var rule = new ModelCascading(new Settings(Confidence.MAXPROB, List.of(least)));
    Map<String, List<Outcome>> test = SPLITS.get(data + " test");
    int queries = test.get(weak).size();
    double usdWeak = mean(test.get(weak), Outcome::usd);
    double usdStrong = mean(test.get(strong), Outcome::usd);
    double usd = 0;
    int wrong = 0;
    for (int i = 0; i < queries; i++) {
      Outcome first = test.get(weak).get(i);
      var answered = new Answered(new Asked(0, 0, 0, 1, ""), "", signals(first.logConfidence()));
      boolean accepted =
          rule.decide(
                  new Episode(new Query(""), TWO, List.of(answered), OptionalDouble.empty(), false))
              instanceof Verdict.Accept;
      Outcome given = accepted ? first : test.get(strong).get(i);
      usd += accepted ? usdWeak : usdWeak + usdStrong;
      wrong += given.right() ? 0 : 1;
    }
    return new Point(usd / queries, (double) wrong / queries);
  }

  private static AnswerSignals signals(double logprob) {
    OptionalDouble sum = OptionalDouble.of(logprob);
    OptionalDouble none = OptionalDouble.empty();
    return new AnswerSignals(none, sum, none, none, none);
  }

  /** Quantiles of the weak model's confidence on the train split that are Pareto-optimal there. */
  private static List<Double> thresholds(String data, String weak, String strong) {
    List<Outcome> first = SPLITS.get(data + " train").get(weak);
    List<Outcome> second = SPLITS.get(data + " train").get(strong);
    // A self-check says no as well as yes: its log-odds are stretched on both sides.
    boolean twoSided = data.equals("triviaqa");
    double[] sureFirst = calibrated(first, twoSided);
    double[] sureSecond = calibrated(second, twoSided);
    double[] sorted =
        first.stream().mapToDouble(o -> Math.exp(o.logConfidence())).sorted().toArray();
    var quantiles = new ArrayList<Double>();
    var deferred = new ArrayList<Double>();
    var correct = new ArrayList<Double>();
    for (int step = 0; step < 40; step++) {
      double threshold = quantile(sorted, 0.01 + 0.025 * step);
      double defers = 0;
      double right = 0;
      for (int i = 0; i < first.size(); i++) {
        boolean defer = Math.exp(first.get(i).logConfidence()) <= threshold;
        defers += defer ? 1 : 0;
        right += defer ? sureSecond[i] : sureFirst[i];
      }
      quantiles.add(threshold);
      deferred.add(defers);
      correct.add(right);
    }
    var kept = new ArrayList<Double>();
    for (int i = 0; i < quantiles.size(); i++) {
      boolean beaten = false;
      for (int j = 0; j < quantiles.size(); j++) {
        beaten |=
            deferred.get(j) <= deferred.get(i)
                && correct.get(j) >= correct.get(i)
                && (deferred.get(j) < deferred.get(i) || correct.get(j) > correct.get(i));
      }
      if (!beaten) {
        kept.add(quantiles.get(i));
      }
    }
    return kept;
  }

  /** Logistic regression of correctness on the stretched confidence, with an L2 penalty of 1/2. */
  private static double[] calibrated(List<Outcome> outcomes, boolean twoSided) {
    double[] x = outcomes.stream().mapToDouble(o -> stretched(o, twoSided)).toArray();
    double bias = 0;
    double slope = 0;
    for (int iteration = 0; iteration < 100; iteration++) {
      double gradientBias = 0;
      double gradientSlope = slope;
      double biasBias = 1e-9;
      double biasSlope = 0;
      double slopeSlope = 1;
      for (int i = 0; i < x.length; i++) {
        double p = sigmoid(bias + slope * x[i]);
        double residual = p - (outcomes.get(i).right() ? 1 : 0);
        gradientBias += residual;
        gradientSlope += residual * x[i];
        biasBias += p * (1 - p);
        biasSlope += p * (1 - p) * x[i];
        slopeSlope += p * (1 - p) * x[i] * x[i];
      }
      double determinant = biasBias * slopeSlope - biasSlope * biasSlope;
      bias -= (slopeSlope * gradientBias - biasSlope * gradientSlope) / determinant;
      slope -= (biasBias * gradientSlope - biasSlope * gradientBias) / determinant;
    }
    double fittedBias = bias;
    double fittedSlope = slope;
    return Arrays.stream(x).map(v -> sigmoid(fittedBias + fittedSlope * v)).toArray();
  }

  private static double stretched(Outcome outcome, boolean twoSided) {
    double p = Math.clamp(Math.exp(outcome.logConfidence()), 1e-12, 1 - 1e-12);
    if (!twoSided) {
      return -Math.log(1 - p);
    }
    return p >= 0.5 ? -Math.log(2 * (1 - p)) : Math.log(2 * p);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    double rest = place - below;
    return below + 1 == sorted.length
        ? sorted[below]
        : sorted[below] + rest * (sorted[below + 1] - sorted[below]);
  }

  /** Area under the error, linear between the points, over the width of the cost range. */
  private static double meanError(List<Point> points) {
    double area = 0;
    for (int i = 1; i < points.size(); i++) {
      Point a = points.get(i - 1);
      Point b = points.get(i);
      area += (b.usd() - a.usd()) * (a.error() + b.error()) / 2;
    }
    return area / (points.getLast().usd() - points.getFirst().usd());
  }

  private static double mean(List<Outcome> outcomes, ToDoubleFunction<Outcome> value) {
    return outcomes.stream().mapToDouble(value).average().orElseThrow();
  }
}
