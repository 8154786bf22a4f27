package dev.tutti.decoder.method.token;

import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * EVA, "ensemble via vocabulary alignment": each member's distribution is moved into the pivot
 * member's vocabulary by a sparse map that is learned from their output embeddings, members whose
 * favourite nobody else finds likely are left out of the step, and the rest is averaged.
 *
 * <p>Paper: Xu, Lu, Zhang, "Bridging the Gap between Different Vocabularies for LLM Ensemble",
 * NAACL 2024 (arXiv 2404.09492).
 *
 * <ul>
 *   <li>Once a pair: both models' embeddings in one space ({@link EmbeddingMap}), from the pieces
 *       that both have; {@code W[v, u]} is the CSLS similarity of the {@value PivotRows#MOST} most
 *       similar pieces of the pivot above {@value PivotRows#ABOVE}. A row of more than five whose
 *       standard deviation is .01 at most tells nothing and is left empty.
 *   <li>A step: each member's {@code top_k} most probable tokens, scaled to sum 1, become {@code
 *       d_i = p_i W_i}. Member i stays where its first piece is among the first {@code agreement}
 *       of some other {@code d_j}; where nobody does, all stay. The answer goes on with {@code
 *       argmax mean_i d_i}.
 * </ul>
 *
 * <p>top_k is 320 and agreement 5, as the published code has them; weights are the members' over
 * their sum, so equal where none are given. Cost of a request: each member reads the prompt once
 * and takes one forward pass a step. A map is built once a pair and shared: three decompositions by
 * the cube of the embeddings' width (5 s each for 768, on a busy core), and searches for the
 * nearest pieces of each piece (.6 ms each among 50,000).
 *
 * <p>Departures from the paper: rows whose sum is above 1 are scaled to 1; for more than 1,024
 * pieces similar ones are searched for approximately ({@code NeighbourIndex}), among the 64 nearest
 * by cosine; all ends are one piece and go to the end; members of one vocabulary need no map. Only
 * the new piece is cut into tokens, not the whole text again. A member none of whose likely tokens
 * has a row sits the step out. An answer that asks for a temperature is drawn from the average. A
 * member whose numbers are NaN is left out from that step on.
 */
public final class EvaEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param pivot index of the pivot
   * @param topK at least 1
   * @param agreement at least 1
   */
  public record Settings(
      @Setting(
              help =
                  "Position of the pivot among the members, from 0: its vocabulary is written in.",
              min = 0,
              max = 63)
          int pivot,
      @Setting(
              help = "Each member's most probable tokens that count in a step.",
              min = 1,
              max = 10000)
          int topK,
      @Setting(
              help =
                  "A member counts in a step where its most probable piece is among so many of"
                      + " another member's.",
              min = 1,
              max = 1000)
          int agreement)
      implements FitsMembers {

    /** As in the published code. */
    public static final Settings DEFAULTS = new Settings(0, 320, 5);

    @Override
    public void requireFit(int members) {
      if (pivot >= members) {
        throw new IllegalArgumentException(
            "pivot is %d; with %d members it must be within 0..%d."
                .formatted(pivot, members, members - 1));
      }
    }
  }

  /** The method with these settings. */
  public EvaEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public FusionPlan plan(List<TokenMember> members) {
    settings.requireFit(members.size());
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    var union = new UnionVocabulary(members);
    return new FusionPlan(
        members,
        members.stream().map(member -> member.weight() / sum).toList(),
        StepGate.EVERYONE,
        union,
        new PivotMean(settings, members, union),
        0);
  }
}
