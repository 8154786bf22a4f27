package dev.tutti.fusion;

import dev.tutti.kit.calls.Call;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The settings that all selectors have: how often their members are asked, how many answers do, and
 * below what agreement none is given.
 *
 * @param samples answers of each member that has no number of its own
 * @param temperature of the answers of members that have none of their own, 0 to 2; empty for the
 *     request's
 * @param enough so many answers are waited for; 0 for as many as can change the result
 * @param leastAgreement share of the weight, 0 to 1
 * @param askAtOnce how many answers are asked for at once, before the vote so far is looked at; 0
 *     for all
 * @param stopConfidence probability at which the leading answer is safe, 0.5 to 1
 */
public record AskSettings(
    @Setting(
            help =
                "How many answers each member gives whose own sampling says no n; all of them together"
                    + " 256 at most.",
            min = 1,
            max = Call.MOST)
        int samples,
    @Setting(
            help =
                "Temperature of the members' answers, but of those that have their own; null for the"
                    + " request's. At 0 all samples of a member say the same.",
            min = 0,
            max = 2)
        OptionalDouble temperature,
    @Setting(
            help = "How many answers are waited for; 0 for as many as can change the result.",
            min = 0,
            max = AskSettings.MOST_ANSWERS)
        int enough,
    @Setting(
            help =
                "Least share of the weight behind the best answer; with less no answer is given"
                    + " (finish reason abstained). 0 always gives one.",
            min = 0,
            max = 1)
        double leastAgreement,
    @Setting(
            help =
                "How many answers are asked for at once; between these nobody more is asked once"
                    + " the others cannot change the result, or hardly (stop_confidence). 0: all at"
                    + " once. Those come first whose weight is high for their price.",
            min = 0,
            max = AskSettings.MOST_ANSWERS)
        int askAtOnce,
    @Setting(
            help =
                "With ask_at_once: how likely the leading answer must be the more frequent one of"
                    + " the two most frequent for nobody more to be asked; 1: only once nothing can"
                    + " change. Counts answers, not weights.",
            min = 0.5,
            max = 1)
        double stopConfidence)
    implements FitsMembers {

  /** Most answers of one request. */
  static final int MOST_ANSWERS = 256;

  /** Most rounds of asking; one of evidence may follow. */
  private static final int MOST_ROUNDS = 60;

  /** Each once, as the request was, and the best answer is given whatever it is. */
  public static final AskSettings DEFAULTS = new AskSettings(1, OptionalDouble.empty(), 0, 0);

  /** All at once. */
  public AskSettings(int samples, OptionalDouble temperature, int enough, double leastAgreement) {
    this(samples, temperature, enough, leastAgreement, 0, 0.95);
  }

  /** The same, but that all are asked together, and nobody after them. */
  public AskSettings atOnce() {
    return new AskSettings(samples, temperature, enough, leastAgreement, 0, stopConfidence);
  }

  /** How many answers there are, their members say too. */
  @Override
  public void requireFit(int members) {}

  @Override
  public boolean takesSamples() {
    return true;
  }

  @Override
  public void requireSamples(List<OptionalInt> own) {
    int members = own.size();
    int answers = own.stream().mapToInt(its -> its.orElse(samples)).sum();
    if (answers > MOST_ANSWERS) {
      throw new IllegalArgumentException(
          "samples is %d of each of %d members%s, %d answers; at most %d are allowed."
              .formatted(
                  samples,
                  members,
                  own.stream().allMatch(OptionalInt::isEmpty) ? "" : " that have no n of their own",
                  answers,
                  MOST_ANSWERS));
    }
    if (enough > answers) {
      throw new IllegalArgumentException(
          "enough is %d; there are %d answers.".formatted(enough, answers));
    }
    if (askAtOnce > 0 && Math.ceilDiv(answers, askAtOnce) > MOST_ROUNDS) {
      throw new IllegalArgumentException(
          "ask_at_once is %d of %d answers, %d rounds; at most %d are allowed."
              .formatted(askAtOnce, answers, Math.ceilDiv(answers, askAtOnce), MOST_ROUNDS));
    }
  }
}
