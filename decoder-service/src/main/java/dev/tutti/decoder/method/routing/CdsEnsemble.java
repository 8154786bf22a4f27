package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.Fitted;
import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.Heard;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.method.token.UnionVocabulary;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Vectors;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * CDS, collaborative decoding of critical tokens: an aligned model writes, sampled, but for tokens
 * that are critical for the facts, which are the most probable ones of a pretrained model.
 *
 * <p>Paper: Jin et al. 2024, "Collaborative decoding of critical tokens for boosting factuality of
 * large language models" (arXiv 2402.17982). A classifier {@code f(h)} of the aligned model's last
 * hidden state says, before the token exists, whether it is critical: where {@code f(h) >= t} the
 * answer goes on with {@code argmax_v p_pretrained(v)}, else with a draw from {@code p_aligned}.
 *
 * <p>The aligned model is the first member, the pretrained one the second. Default: t .5, since the
 * paper's is not known; at most 16 critical tokens in a row, so that the style does not drift; an
 * answer that asks for no temperature has 1. Cost of a request: a forward pass of the aligned model
 * a token, and one of the pretrained model a critical token.
 *
 * <p>Departures from the paper: members of any vocabularies; the classifier learned from references
 * ({@link CriticalTokensFit}), where the paper has sentences that people annotated. An aligned
 * model that tells no hidden state writes all; where one member fails, the other writes on. Biases
 * and penalties below some 20 turn no critical token; one that is banned gives way to the others.
 */
public final class CdsEnsemble implements JointEnsemble, Fitted {

  /** What others keep of their probability where a token is critical: a caller may ban the best. */
  private static final double OTHERS = 1e-9;

  private final Settings settings;
  private final CriticalTokens learned;
  private final FittedOn on;

  /**
   * What can be set.
   *
   * @param artifact name of what was learned
   * @param threshold t, in [0, 1]
   * @param longest most critical tokens in a row, at least 1
   */
  public record Settings(
      @Setting(help = "Name of the artifact that the classifier comes from.") String artifact,
      @Setting(
              help =
                  "A token is critical where the classifier finds it so with at least this"
                      + " probability.",
              min = 0,
              max = 1)
          double threshold,
      @Setting(
              help = "Most critical tokens in a row; then the first member writes one.",
              min = 1,
              max = 1_000_000)
          int longest) {

    /** Not the paper's, which are not known. */
    public static final Settings DEFAULTS = new Settings("", 0.5, 16);
  }

  /**
   * The method on what was learned.
   *
   * @param on which version of it
   */
  public CdsEnsemble(Settings settings, CriticalTokens learned, FittedOn on) {
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
    if (!members.getFirst().equals(learned.aligned())) {
      throw new IllegalArgumentException(
          "The first member is '%s'; the classifier of artifact '%s' is of '%s'."
              .formatted(members.getFirst(), settings.artifact(), learned.aligned()));
    }
  }

  @Override
  public FusionPlan plan(List<TokenMember> members) {
    List<Double> its = SingleVoice.weights(members);
    requireKnown(members.stream().map(TokenMember::name).toList());
    var classifier = StateJudge.of(settings.artifact(), members.getFirst(), learned.classifier());
    return new FusionPlan(
        members,
        its,
        StepGate.needing(
            _ -> true, (weights, _) -> new Before(classifier, settings, weights, 0, 0, 0)),
        new UnionVocabulary(members),
        CdsEnsemble::combine,
        1);
  }

  /** The pretrained model's best, as good as alone; else as it is. */
  private static void combine(List<Vote> votes, double[] combined) {
    if (votes.size() == 1 && votes.getFirst().member() == 1) {
      SingleVoice.combine(votes, combined);
      int best = Vectors.argmax(combined);
      for (int v = 0; v < combined.length; v++) {
        combined[v] *= OTHERS;
      }
      combined[best] += 1 - OTHERS;
    } else {
      SingleVoice.combine(votes, combined);
    }
  }

  /**
   * Before a step.
   *
   * @param run critical tokens just before it
   * @param steps so far
   * @param critical of them
   */
  private record Before(
      StateJudge classifier, Settings settings, double[] weights, int run, int steps, int critical)
      implements StepGate.State {

    @Override
    public OptionalInt scout() {
      return OptionalInt.of(0);
    }

    @Override
    public StepGate.Verdict judge(int scout, Heard heard) {
      boolean isCritical =
          scout == 0
              // By itself it writes all.
              && weights.length > 1
              && run < settings.longest()
              && classifier.finds(heard, settings.threshold());
      return isCritical ? new StepGate.Verdict.Instead(1) : StepGate.Verdict.ALONE;
    }

    @Override
    public StepGate.State after(StepGate.Step step) {
      if (step.votes().isEmpty()) {
        return this;
      }
      boolean was = step.votes().size() == 1 && step.votes().getFirst().member() == 1;
      return new Before(
          classifier, settings, weights, was ? run + 1 : 0, steps + 1, critical + (was ? 1 : 0));
    }

    @Override
    public Map<String, Double> measures() {
      return steps == 0 ? Map.of() : Map.of("critical_share", critical / (double) steps);
    }
  }
}
