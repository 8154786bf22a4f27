package dev.tutti.cascade.method.verification;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * AutoMix (Aggarwal et al., NeurIPS 2024, arXiv:2310.12963) with a meta-verifier that is learned
 * ({@link AutoMixPomdpFit}): at which shares of a member's checks of its own answer the next member
 * is asked. Checks, what is made of those that fail, and of a budget that pays fewer, are as {@link
 * AutoMix} has them.
 *
 * <p>Members are asked in the order that was learned, the last of those that the ensemble has
 * answers and is taken. Members that the artifact does not know are asked only where all others
 * failed, in the order of the recipe; the first of them that answers is taken.
 */
public final class AutoMixPomdp implements Policy {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param budget that chooses a point of its curve
   * @param checks k
   * @param temperature of the checks
   * @param checkTokens most tokens of a check
   */
  public record Settings(
      @Setting(help = "Name of the artifact that tells when the next member is asked.")
          String artifact,
      @Setting(
              help =
                  "Mean cost that a question may have, in the dataset's unit: the best point of the"
                      + " artifact's curve within it answers, the cheapest where none is; 0 for the"
                      + " point that the fit chose.",
              min = 0)
          double budget,
      @Setting(
              help = "How often a member checks its answer; as often as for the recorded shares.",
              min = 1,
              max = Call.MOST)
          int checks,
      @Setting(help = "Temperature of the checks; at 0 they all say the same.", min = 0, max = 2)
          double temperature,
      @Setting(
              help = "Most tokens of a check; its last word decides.",
              min = 1,
              max = 4_096,
              unit = "tokens")
          int checkTokens) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", 0, 8, 1, 32);
  }

  /** The last member that the artifact knows answers. */
  private record Learned(VerifierBins bins, float[] values) implements VerifiedCascade.Routing {

    @Override
    public List<Integer> chain(List<MemberCard> members) {
      var chain = new ArrayList<Integer>();
      for (String name : bins.members()) {
        for (int m = 0; m < members.size(); m++) {
          if (members.get(m).knownAs().equals(name)) {
            chain.add(m);
          }
        }
      }
      // Of whom nothing was learned they are asked as the others would be, were all of them to
      // fail.
      return chain.isEmpty() ? List.of(0) : chain;
    }

    @Override
    public boolean isRouted(MemberCard member, int place, double share) {
      int column = bins.members().indexOf(member.knownAs());
      // Of the last one nothing was learned, as nobody stood behind it.
      return column >= 0
          && column < bins.members().size() - 1
          && VerifierBins.isRouted(values, column, share, bins.bins());
    }

    @Override
    public OptionalDouble threshold(int place) {
      return OptionalDouble.empty();
    }
  }

  private final VerifiedCascade cascade;

  /** A policy of what was learned. */
  public AutoMixPomdp(Settings settings, VerifierBins learned) {
    this(settings, learned.points().within(settings.budget()), learned);
  }

  /** A policy of one point of the curve. */
  AutoMixPomdp(Settings settings, TunedPoints.Point point, VerifierBins learned) {
    this.cascade =
        new VerifiedCascade(
            new SelfVerification(settings.checks(), settings.temperature(), settings.checkTokens()),
            new Learned(learned, point.values()));
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
