package dev.tutti.cascade.method.confidence;

import dev.tutti.cascade.DeferralRule;
import dev.tutti.cascade.Verdict;
import dev.tutti.cascade.method.Thresholds;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Model Cascading (Varshney & Baral, EMNLP 2022, arXiv:2210.05528): members answer in order, cheap
 * to dear, and the first one with {@code conf_j >= tau_j} is taken; the last always answers.
 *
 * <p>The paper cascades classifiers: MaxProb is {@code max_c p_j(c)}, DTU {@code ||p_j - u||}. Here
 * models write text, so confidence is read from the probabilities of what they wrote ({@link
 * Confidence}). An answer without the signal that the confidence needs is rejected, but at a
 * threshold of 0, and so is a member that failed.
 *
 * <p>Where the last member fails, or the budget forbids to ask the next one, the answer with the
 * highest confidence so far is given, the later one of equals; answers of unknown confidence come
 * last. The card says only that failure is rejection; that the caller then still gets an answer is
 * ours.
 *
 * <p>Thresholds are tuned on held-out outcomes, jointly: by the fit of {@code
 * calibrated-cascading}, whose curves are monotone, so that a threshold on its probabilities is one
 * on these confidences. The default of 0.5 stands for "more likely right than not" of a calibrated
 * member and is not the paper's. The card's temperature scaling of uncalibrated members is left
 * out: it needs the whole distribution at each token, which signals do not carry, and each member
 * has a threshold of its own that takes up its scale.
 *
 * <p>Cost per request: one call a stage, one after the other; the rule itself is linear in the
 * number of stages.
 */
public final class ModelCascading implements DeferralRule {

  /**
   * Settings.
   *
   * @param confidence what tells how sure a member is
   * @param thresholds tau_j, one for each member but the last, or one for all of them
   */
  public record Settings(
      @Setting(
              help =
                  "What tells how sure a member is: maxprob = probability of its whole answer,"
                      + " mean_token_prob = geometric mean over the tokens, min_token_prob = least"
                      + " probable token, dtu = mean distance of the next-token distributions to"
                      + " uniform, min_dtu = least such distance, margin = probability of the option"
                      + " answered less that of the next, entropy = exp(-entropy) over the options;"
                      + " the last two need members that tell alternatives of their tokens.")
          Confidence confidence,
      @Setting(
              help =
                  "Least confidence at which an answer is taken: one for each member but the last,"
                      + " or one for all of them. 0 takes every answer.",
              min = 0,
              max = 1)
          List<Double> thresholds)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(Confidence.MAXPROB, List.of(0.5));

    @Override
    public void requireFit(int members) {
      new Thresholds(thresholds).requireFit(members);
    }

    double threshold(int stage) {
      return new Thresholds(thresholds).of(stage);
    }
  }

  private final Settings settings;

  /** A rule with these settings. */
  public ModelCascading(Settings settings) {
    this.settings = settings;
  }

  @Override
  public SamplingChange sampling() {
    return settings.confidence().sampling();
  }

  @Override
  public boolean acceptsNext(Episode episode) {
    int next = episode.stages().size();
    return isLast(next, episode) || settings.threshold(next) == 0;
  }

  @Override
  public Verdict decide(Episode episode) {
    int stage = episode.stages().size() - 1;
    OptionalDouble confidence = confidence(episode.stages().get(stage));
    boolean answered = episode.stages().get(stage) instanceof Answered;
    if (answered && isLast(stage, episode)) {
      return new Verdict.Accept(stage, confidence, "The last member always answers.");
    }
    if (!isLast(stage, episode)) {
      double threshold = settings.threshold(stage);
      if (answered && threshold == 0) {
        return new Verdict.Accept(
            stage, confidence, OptionalDouble.of(threshold), "Every answer is taken here.");
      }
      if (confidence.isPresent() && confidence.getAsDouble() >= threshold) {
        return new Verdict.Accept(
            stage, confidence, OptionalDouble.of(threshold), compared(confidence, ">=", threshold));
      }
      if (!episode.exhausted()) {
        String why =
            confidence.isPresent()
                ? compared(confidence, "<", threshold)
                : answered ? "Its answer lacks the signal for " + name() + "." : "It failed.";
        return new Verdict.Defer(confidence, OptionalDouble.of(threshold), why);
      }
    }
    return new Verdict.Accept(
        best(episode),
        confidence,
        isLast(stage, episode)
            ? OptionalDouble.empty()
            : OptionalDouble.of(settings.threshold(stage)),
        "No further member could answer; the most confident answer so far stands.");
  }

  private static boolean isLast(int stage, Episode episode) {
    return stage == episode.members().size() - 1;
  }

  private OptionalDouble confidence(Stage stage) {
    return stage instanceof Answered answered
        ? settings.confidence().of(answered.signals())
        : OptionalDouble.empty();
  }

  private int best(Episode episode) {
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < episode.stages().size(); i++) {
      Stage stage = episode.stages().get(i);
      double confidence = confidence(stage).orElse(-1);
      if (stage instanceof Answered && confidence >= highest) {
        best = i;
        highest = confidence;
      }
    }
    if (best < 0) {
      throw new IllegalArgumentException("No stage answered; there is nothing to accept.");
    }
    return best;
  }

  private String compared(OptionalDouble confidence, String sign, double threshold) {
    return "%s %.3f %s threshold %.3f."
        .formatted(name(), confidence.getAsDouble(), sign, threshold);
  }

  private String name() {
    return settings.confidence().name().toLowerCase(Locale.ROOT);
  }
}
