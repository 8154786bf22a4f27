package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.Fitted;
import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.Heard;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.PromptReading;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.method.token.UnionVocabulary;
import dev.tutti.kit.settings.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * CITER, "collaborative inference with token-level routing": a small model writes as long as a
 * router, which looks at its last hidden state, trusts the token that it would write; the others
 * are written by a large one.
 *
 * <p>Paper: Zheng et al. 2025, "CITER: Collaborative Inference for Efficient Large Language Model
 * Decoding with Token-Level Routing" (arXiv 2502.01976). At each step {@code p = router(h)} of the
 * small model's hidden state h; its own most probable token stands where {@code p >= tau}, else the
 * large model's. The router is an artifact: a fit learned it from references ({@link
 * TokenRouterFit}).
 *
 * <p>Default: tau .95, the published code's. Members are asked in the order of the recipe, the
 * cheapest first; with more than two each is asked in turn until one is trusted, and the last
 * writes what nobody was trusted with. An answer is greedy unless the request names a temperature.
 *
 * <p>Cost of a request: a step is one forward pass of each member that is asked for it; who was not
 * reads what it missed in one pass when it is asked again.
 *
 * <p>Departures from the paper: any number of members, of any vocabularies (the union of all, as in
 * GaC; a piece that a member lacks is re-encoded for it), where the paper has two of one; what a
 * temperature draws, it draws from the one member's distribution. A member that tells no hidden
 * state, or fails, is not trusted; where the last fails, those that are left write together by
 * their weights.
 */
public final class CiterEnsemble implements JointEnsemble, Fitted {

  private final Settings settings;
  private final TokenRouters routers;
  private final FittedOn on;

  /**
   * What can be set.
   *
   * @param artifact name of what was learned
   * @param threshold tau, in [0, 1]
   */
  public record Settings(
      @Setting(help = "Name of the artifact that the routers come from.") String artifact,
      @Setting(
              help =
                  "A member's token stands where its router finds it fine with at least this"
                      + " probability.",
              min = 0,
              max = 1)
          double threshold) {

    /** As the published code has them. */
    public static final Settings DEFAULTS = new Settings("", 0.95);
  }

  /**
   * The method with these settings, on what was learned.
   *
   * @param on which version of it
   */
  public CiterEnsemble(Settings settings, TokenRouters routers, FittedOn on) {
    this.settings = settings;
    this.routers = routers;
    this.on = on;
  }

  @Override
  public String artifact() {
    return settings.artifact();
  }

  @Override
  public FittedOn on() {
    return on;
  }

  /**
   * {@inheritDoc} The last of them writes what nobody else is trusted with, and needs no router.
   */
  @Override
  public void requireKnown(List<String> members) {
    for (String member : members.subList(0, members.size() - 1)) {
      router(member);
    }
  }

  private Perceptron router(String member) {
    return routers
        .of(member)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Artifact '%s' has no router of '%s'; it has those of: %s."
                        .formatted(
                            settings.artifact(), member, String.join(", ", routers.members()))));
  }

  /** {@inheritDoc} */
  @Override
  public FusionPlan plan(List<TokenMember> members) {
    List<Double> weights = SingleVoice.weights(members);
    List<StateJudge> trusts =
        members.subList(0, members.size() - 1).stream()
            .map(member -> StateJudge.of(settings.artifact(), member, router(member.name())))
            .toList();
    return new FusionPlan(
        members,
        weights,
        StepGate.needing(_ -> true, new Routed(trusts, settings.threshold())),
        new UnionVocabulary(members),
        SingleVoice::combine,
        0);
  }

  private record Routed(List<StateJudge> routers, double threshold) implements StepGate {
    @Override
    public State begin(double[] weights, List<Optional<PromptReading>> prompts) {
      return new Turn(this, weights, 0, 0);
    }

    private Verdict judge(int member, Heard heard) {
      boolean trusted = member == routers.size() || routers.get(member).finds(heard, threshold);
      return trusted ? Verdict.ALONE : new Verdict.Instead(member + 1);
    }
  }

  /**
   * Before a step.
   *
   * @param steps so far
   * @param first of them, how many the first member wrote
   */
  private record Turn(Routed gate, double[] weights, int steps, int first)
      implements StepGate.State {

    @Override
    public OptionalInt scout() {
      return OptionalInt.of(0);
    }

    @Override
    public StepGate.Verdict judge(int scout, Heard heard) {
      return gate.judge(scout, heard);
    }

    @Override
    public StepGate.State after(StepGate.Step step) {
      if (step.votes().isEmpty()) {
        return this;
      }
      boolean mine = step.votes().size() == 1 && step.votes().getFirst().member() == 0;
      return new Turn(gate, weights, steps + 1, first + (mine ? 1 : 0));
    }

    @Override
    public Map<String, Double> measures() {
      return steps == 0 ? Map.of() : Map.of("first_member_share", first / (double) steps);
    }
  }
}
