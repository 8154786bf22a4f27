package dev.tutti.decoder.method.token;

import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * DeePEn, "deep parallel ensemble": members' distributions are averaged in a space in which each
 * piece is described by how like it is to anchors, pieces that all members have, so that members of
 * any vocabularies meet without a dictionary; the main member's tokens are then searched whose
 * description comes nearest to the average.
 *
 * <p>Paper: Huang, Feng, Li, Xiang, Wang, Qin, Liu, "Ensemble Learning for Heterogeneous Large
 * Language Models with Deep Parallel Collaboration", NeurIPS 2024 (arXiv 2404.12715). With output
 * embeddings {@code e_i} and anchors A, the pieces in every vocabulary,
 *
 * <ul>
 *   <li>{@code R_i[v, a] = softmax_a(T cos(e_i(v), e_i(a)))};
 *   <li>{@code r = sum_i w_i (p_i R_i)};
 *   <li>from the main member's own logits {@code l} on, {@code steps} steps of AdamW on {@code KL(r
 *       || softmax(l) R_main)}, of length {@code rate} down to a quarter of it by a cosine over ten
 *       steps, the loss divided by |A|; then {@code argmax l}.
 * </ul>
 *
 * <p>T is 100, the rate .15 and there are five steps, as in the paper; weights are the members'
 * over their sum. The main member writes a step by itself where its most probable token is the end,
 * where it is the only one with something to say, and where rate or steps are 0. Cost of a request:
 * each member reads the prompt once and takes one forward pass a step; a step takes one pass over
 * each member's rows and one a search step over the candidates'. Rows are built once a member and
 * set of anchors, and shared: a search for the 16 nearest anchors for each of its pieces (.6 ms
 * each among 50,000).
 *
 * <p>Departures from the paper: of a row the {@value RelativeRows#KEPT} largest numbers are kept,
 * scaled to sum 1; for more than 1,024 anchors they are searched for approximately ({@code
 * NeighbourIndex}). Only the logits of the main member's {@code candidates} most probable pieces
 * move, all others keep their probability. The logits do not decay, as they would move where all
 * members agree. All ends are one piece, an anchor where all members have one. Embeddings are not
 * centred, as published. The published command line has a rate of 0, which leaves the search out.
 * Where the main member is left out, as its numbers are NaN, the next one by name is main. An
 * answer that asks for a temperature is drawn from {@code softmax(l)}.
 */
public final class DeepenEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param main index of the main member
   * @param rate step length of the search; 0 leaves it out
   * @param steps of the search
   * @param temperature T of the likeness to anchors, above 0
   * @param candidates pieces whose logits are searched, at least 1
   */
  public record Settings(
      @Setting(
              help =
                  "Position of the main member among the members, from 0; its tokens are written.",
              min = 0,
              max = 63)
          int main,
      @Setting(
              help =
                  "Length of the first step of the search for the main member's logits; 0 leaves"
                      + " the search out, and the main member writes alone.",
              unit = "nats",
              min = 0,
              max = 10)
          double rate,
      @Setting(help = "Steps of the search.", min = 0, max = 100) int steps,
      @Setting(
              help = "How sharply a piece is told by its nearest anchors.",
              min = 0.01,
              max = 10000)
          double temperature,
      @Setting(
              help = "The main member's most probable pieces whose logits are searched.",
              min = 1,
              max = 10000)
          int candidates)
      implements FitsMembers {

    /** As in the paper; 200 candidates, as there is nothing published. */
    public static final Settings DEFAULTS = new Settings(0, .15, 5, 100, 200);

    @Override
    public void requireFit(int members) {
      if (main >= members) {
        throw new IllegalArgumentException(
            "main is %d; with %d members it must be within 0..%d."
                .formatted(main, members, members - 1));
      }
    }
  }

  /** The method with these settings. */
  public DeepenEnsemble(Settings settings) {
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
        new RelativeMean(settings, members, union),
        0);
  }
}
