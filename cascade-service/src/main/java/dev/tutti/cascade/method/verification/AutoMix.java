package dev.tutti.cascade.method.verification;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.method.Thresholds;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.kit.settings.SettingsException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * AutoMix (Aggarwal et al., NeurIPS 2024, arXiv:2310.12963) with rules that need no fit: a member
 * answers, then checks its own answer k times, and the share v of the checks that say "correct"
 * tells whether the next member is asked. The last one answers and is taken.
 *
 * <p>Threshold: the next is asked iff {@code v <= t}. Double threshold: iff {@code l <= v <= t}, as
 * what nearly no check calls correct nobody may be able to answer. Self-consistency: the threshold
 * at .5. The rules that are learned are {@link AutoMixPomdp}'s.
 *
 * <p>A check that cannot be read counts in k and not in v; checks that failed as well, and where
 * all of them did the next member is asked, and so it is where a member's context does not hold the
 * conversation, the answer and a check. Where the budget does not pay k checks, as many are made as
 * it pays; where it pays none the next member is asked; whom it does not pay is passed over. Checks
 * that can no longer change whether it is are not waited for. Where the last member fails, or the
 * budget forbids to ask the next one, the latest answer stands, which the next member was to
 * replace.
 *
 * <p>k = 8 is the paper's; its temperature is not verified, 1 is the default. Instructions and
 * their examples are ours, in place of the paper's few shots of its tasks; the conversation is the
 * context. The paper's chain has two members, three in its appendix. Cost per request: one call a
 * member asked, and k short ones of each but the last, which read the conversation and the answer;
 * prompts and the order of calls are proven on scripted members.
 */
public final class AutoMix implements Policy {

  /** When the next member is asked. */
  public enum Rule {
    /** Up to a share of the checks. */
    THRESHOLD,
    /** Between two shares of the checks. */
    DOUBLE_THRESHOLD,
    /** Up to half of the checks. */
    SELF_CONSISTENCY
  }

  /**
   * Settings.
   *
   * @param rule when the next member is asked
   * @param thresholds t_j, one for each member but the last, or one for all of them
   * @param lower l
   * @param checks k
   * @param temperature of the checks
   * @param checkTokens most tokens of a check
   */
  public record Settings(
      @Setting(
              help =
                  "When the next member is asked: threshold = up to a share of the checks,"
                      + " double_threshold = between lower and it, self_consistency = up to half.")
          Rule rule,
      @Setting(
              help =
                  "Share of the checks up to which the next member is asked: one for each member"
                      + " but the last, or one for all of them; self_consistency has its own, .5.",
              min = 0,
              max = 1)
          List<Double> thresholds,
      @Setting(
              help =
                  "Share of the checks below which an answer is taken too, by double_threshold, as"
                      + " nobody may know better.",
              min = 0,
              max = 1)
          double lower,
      @Setting(help = "How often a member checks its answer.", min = 1, max = Call.MOST) int checks,
      @Setting(help = "Temperature of the checks; at 0 they all say the same.", min = 0, max = 2)
          double temperature,
      @Setting(
              help = "Most tokens of a check; its last word decides.",
              min = 1,
              max = 4_096,
              unit = "tokens")
          int checkTokens)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(Rule.THRESHOLD, List.of(.5), .125, 8, 1, 32);

    /** Checks that there is something between the two thresholds. */
    public Settings {
      for (double threshold : thresholds) {
        if (rule == Rule.DOUBLE_THRESHOLD && threshold < lower) {
          throw new SettingsException(
              "lower",
              "lower is %s, above a threshold of %s: nobody else would ever be asked."
                  .formatted(lower, threshold));
        }
      }
    }

    @Override
    public void requireFit(int members) {
      new Thresholds(thresholds).requireFit(members);
    }
  }

  /** The last member of the recipe answers. */
  private record Shares(Settings settings) implements VerifiedCascade.Routing {

    @Override
    public List<Integer> chain(List<MemberCard> members) {
      return IntStream.range(0, members.size()).boxed().toList();
    }

    @Override
    public boolean isRouted(MemberCard member, int place, double share) {
      return share <= threshold(place).getAsDouble()
          && (settings.rule() != Rule.DOUBLE_THRESHOLD || share >= settings.lower());
    }

    @Override
    public OptionalDouble threshold(int place) {
      return OptionalDouble.of(
          settings.rule() == Rule.SELF_CONSISTENCY
              ? .5
              : new Thresholds(settings.thresholds()).of(place));
    }
  }

  private final VerifiedCascade cascade;

  /** A policy with these settings. */
  public AutoMix(Settings settings) {
    this.cascade =
        new VerifiedCascade(
            new SelfVerification(settings.checks(), settings.temperature(), settings.checkTokens()),
            new Shares(settings));
  }

  @Override
  public boolean draws() {
    return cascade.draws();
  }

  @Override
  public Step next(Episode episode) {
    return cascade.next(episode);
  }

  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    return cascade.isSettled(episode, pending);
  }
}
