package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Fitted;
import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.Heard;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.method.token.UnionVocabulary;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * ETR, "expert token routing": a meta model writes until an expert's token is more probable than
 * every token of its own; then that expert writes the rest, from the whole context.
 *
 * <p>Paper: Chai et al. 2024, "An Expert is Worth One Token: Synergizing Multiple Expert LLMs as
 * Generalist via Expert Token Routing" (arXiv 2403.16854). {@code P(t) = softmax([W_lm; W_E] h)},
 * where h is the meta model's last hidden state, {@code W_lm} its output embeddings and {@code W_E}
 * a row an expert, which a fit learned ({@link ExpertTokensFit}). An expert's token is not printed;
 * the hand-over is never taken back.
 *
 * <p>The meta model is the first member, the experts are the others. Nothing is to be set but the
 * artifact. An answer is greedy unless the request names a temperature, which changes what is drawn
 * from the writer's own distribution, not who writes.
 *
 * <p>Cost of a request: a forward pass of the meta model a token up to the hand-over, of the expert
 * from there on; the expert reads the whole context in one pass. A plan keeps the meta model's
 * output embeddings in memory.
 *
 * <p>Departures from the paper: members of any vocabularies; an expert that fails after the
 * hand-over is replaced by those that are left, by their weights. A meta model that tells no hidden
 * state hands nothing over.
 */
public final class EtrEnsemble implements JointEnsemble, Fitted {

  private final Settings settings;
  private final ExpertTokens learned;
  private final FittedOn on;

  /**
   * What can be set.
   *
   * @param artifact name of what was learned
   */
  public record Settings(
      @Setting(help = "Name of the artifact that the experts' tokens come from.") String artifact) {

    /** Nothing is learned. */
    public static final Settings DEFAULTS = new Settings("");
  }

  /**
   * The method on what was learned.
   *
   * @param on which version of it
   */
  public EtrEnsemble(Settings settings, ExpertTokens learned, FittedOn on) {
    this.settings = settings;
    this.learned = learned;
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

  @Override
  public void requireKnown(List<String> members) {
    if (!members.getFirst().equals(learned.meta())) {
      throw new IllegalArgumentException(
          "The first member is '%s'; artifact '%s' was fitted to '%s' as the meta model."
              .formatted(members.getFirst(), settings.artifact(), learned.meta()));
    }
    for (String expert : members.subList(1, members.size())) {
      if (learned.row(expert).isEmpty()) {
        throw new IllegalArgumentException(
            "Artifact '%s' has no token of '%s'; it has those of: %s."
                .formatted(
                    settings.artifact(),
                    expert,
                    String.join(", ", learned.members().subList(1, learned.members().size()))));
      }
    }
  }

  @Override
  public FusionPlan plan(List<TokenMember> members) {
    List<Double> its = SingleVoice.weights(members);
    List<String> names = members.stream().map(TokenMember::name).toList();
    requireKnown(names);
    float[][] own =
        members
            .getFirst()
            .outputEmbeddings()
            .get()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' tells no output embeddings (OUTPUT_EMBEDDINGS), which etr needs of its meta model."
                            .formatted(names.getFirst())));
    Matrix rows = learned.rows(names.subList(1, names.size()));
    if (rows.rows() > 0 && rows.columns() != own[0].length) {
      throw new IllegalArgumentException(
          "Artifact '%s' is of a model with hidden states of %d numbers; those of '%s' have %d: fit it anew."
              .formatted(settings.artifact(), rows.columns(), names.getFirst(), own[0].length));
    }
    return new FusionPlan(
        members,
        its,
        StepGate.needing(_ -> true, (weights, _) -> new Meta(own, rows, weights, 0)),
        new UnionVocabulary(members),
        SingleVoice::combine,
        0);
  }

  /** Before the hand-over. */
  private record Meta(float[][] own, Matrix rows, double[] weights, int steps)
      implements StepGate.State {

    @Override
    public OptionalInt scout() {
      return OptionalInt.of(0);
    }

    @Override
    public StepGate.Verdict judge(int scout, Heard heard) {
      if (scout != 0) {
        return StepGate.Verdict.ALONE;
      }
      Optional<float[]> hidden = heard.hidden();
      Optional<Distribution> distribution = heard.distribution();
      if (hidden.isEmpty() || distribution.isEmpty()) {
        return StepGate.Verdict.ALONE;
      }
      int expert = -1;
      double most = Vectors.dot(own[distribution.get().mostProbable()], hidden.get());
      for (int e = 0; e < rows.rows(); e++) {
        double logit = Vectors.dot(rows.row(e), hidden.get());
        if (logit > most) {
          most = logit;
          expert = e;
        }
      }
      return expert < 0 ? StepGate.Verdict.ALONE : new StepGate.Verdict.Instead(expert + 1);
    }

    @Override
    public StepGate.State after(StepGate.Step step) {
      if (step.votes().size() == 1 && step.votes().getFirst().member() > 0) {
        return new Expert(step.votes().getFirst().member(), weights, steps);
      }
      return new Meta(own, rows, weights, steps + 1);
    }
  }

  /** After it. */
  private record Expert(int member, double[] weights, int after) implements StepGate.State {

    @Override
    public OptionalInt scout() {
      return OptionalInt.of(member);
    }

    @Override
    public StepGate.Verdict judge(int scout, Heard heard) {
      return StepGate.Verdict.ALONE;
    }

    @Override
    public Map<String, Double> measures() {
      return Map.of("expert", (double) member, "handed_over_after", (double) after);
    }
  }
}
