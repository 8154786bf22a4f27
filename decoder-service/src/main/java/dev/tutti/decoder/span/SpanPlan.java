package dev.tutti.decoder.span;

import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A span ensemble over given members. Immutable.
 *
 * @param members in the order of the recipe
 * @param weights one a member, in the same order; at least 0, sum 1
 * @param joins of the members' tokenizers, in the same order
 * @param segmenter where spans end
 * @param choice of a round's winner
 * @param perByte whether judges' scores are means over bytes, not over tokens
 * @param temperature of an answer that asks for none; 0 where the method is greedy
 * @param topP mass that spans are drawn from at most, in (0, 1]
 */
public record SpanPlan(
    List<TokenMember> members,
    List<Double> weights,
    List<TextJoin> joins,
    Segmenter segmenter,
    SpanChoice choice,
    boolean perByte,
    double temperature,
    double topP)
    implements JointPlan {

  /** Refuses parts that do not belong to the members. */
  public SpanPlan {
    members = List.copyOf(members);
    weights = List.copyOf(weights);
    joins = List.copyOf(joins);
    Objects.requireNonNull(segmenter, "segmenter");
    Objects.requireNonNull(choice, "choice");
    if (members.isEmpty() || weights.size() != members.size() || joins.size() != members.size()) {
      throw new IllegalArgumentException(
          "%d weights for %d members".formatted(weights.size(), members.size()));
    }
  }

  /**
   * A plan whose members count by their weights over the sum of all.
   *
   * @param joins one a member
   * @throws IllegalArgumentException where there are no members
   */
  public static SpanPlan of(
      List<TokenMember> members,
      List<TextJoin> joins,
      Segmenter segmenter,
      SpanChoice choice,
      boolean perByte,
      double temperature) {
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    return new SpanPlan(
        members,
        members.stream().map(member -> member.weight() / sum).toList(),
        joins,
        segmenter,
        choice,
        perByte,
        temperature,
        1);
  }

  /** The same plan whose spans are drawn from less mass. */
  public SpanPlan within(double mass) {
    return new SpanPlan(members, weights, joins, segmenter, choice, perByte, temperature, mass);
  }

  @Override
  public SpanSession open(List<? extends MemberPrompt> prompts, StepRunner runner) {
    if (prompts.size() != members.size()) {
      throw new IllegalArgumentException(
          "%d prompts for %d members".formatted(prompts.size(), members.size()));
    }
    return new SpanSession(this, prompts, runner);
  }

  /** The same method over one of its members. */
  SpanPlan alone(int member) {
    return new SpanPlan(
        List.of(members.get(member)),
        List.of(1.0),
        List.of(joins.get(member)),
        segmenter,
        choice,
        perByte,
        temperature,
        topP);
  }

  /** Indexes of the members, by name. */
  int[] byName() {
    return IntStream.range(0, members.size())
        .boxed()
        .sorted(Comparator.comparing(m -> members.get(m).name()))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
