package dev.tutti.decoder.search;

import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.span.TextJoin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A search over steps by given members, of which one may be the judge. Immutable.
 *
 * @param members in the order of the recipe; one whose role is {@link #JUDGE} judges, the others
 *     write
 * @param weights one a member, in the same order; the writers' sum 1, the judge's is 0
 * @param joins of the members' tokenizers, in the same order
 * @param steps how answers are cut and valued
 * @param search how they are searched for
 * @param temperature of an answer that asks for none; 0 where the method is greedy
 */
public record SearchPlan(
    List<TokenMember> members,
    List<Double> weights,
    List<TextJoin> joins,
    Steps steps,
    Search search,
    double temperature)
    implements JointPlan {

  /** Role of the member that judges steps. */
  public static final String JUDGE = "judge";

  /** Role of the members that write steps. */
  public static final String PROPOSER = "proposer";

  /**
   * How answers are cut into steps, and what they are worth.
   *
   * @param delimiter that a step ends with, not empty
   * @param longest most tokens of a step, at least 1
   * @param depth most steps of an answer, at least 1
   * @param right what the judge says where all is right so far
   * @param wrong what it says where not
   * @param end what it reads behind the last step of a finished answer; empty for nothing
   * @param reward of a step
   * @param aggregate of steps' rewards
   */
  public record Steps(
      String delimiter,
      int longest,
      int depth,
      String right,
      String wrong,
      String end,
      Reward reward,
      Aggregate aggregate) {

    /** Refuses an empty delimiter, and verdicts that are one. */
    public Steps {
      if (delimiter.isEmpty()) {
        throw new IllegalArgumentException("delimiter is empty; it must be what steps end with.");
      }
      if (right.isEmpty() || wrong.isEmpty() || right.equals(wrong)) {
        throw new IllegalArgumentException(
            "right is '%s' and wrong '%s'; they must be two different words."
                .formatted(right, wrong));
      }
    }
  }

  /** How answers are searched for. */
  public sealed interface Search {

    /**
     * Most steps that are written at once.
     *
     * @param writers number of them
     */
    int batch(int writers);
  }

  /**
   * A tree search.
   *
   * @param iterations most steps that are written, at least 1
   * @param exploration c of UCT, at least 0
   * @param width children that a node gets before the search goes further down, at least 1
   * @param mostChildren that it gets where the best of them is worse than itself
   * @param widen by how much worse, in [0, 1]
   * @param parallel leaves that grow at once, each by another member; at least 1
   * @param enough value of a finished answer that ends the search, in [0, 1]
   */
  public record Tree(
      int iterations,
      double exploration,
      int width,
      int mostChildren,
      double widen,
      int parallel,
      double enough)
      implements Search {
    @Override
    public int batch(int writers) {
      return Math.min(parallel, writers);
    }
  }

  /**
   * The best of several next steps, again and again.
   *
   * @param samples at each place, at least 1
   */
  public record Best(int samples) implements Search {
    @Override
    public int batch(int writers) {
      return samples;
    }
  }

  /**
   * A plan over members.
   *
   * @param window words before a step that are cut into tokens again together with it
   * @throws IllegalArgumentException where nobody writes, more than one judges, or the judge cannot
   *     tell its verdicts apart
   */
  public static SearchPlan of(
      List<TokenMember> members, int window, Steps steps, Search search, double temperature) {
    long judges = members.stream().filter(SearchPlan::judges).count();
    if (judges > 1 || judges == members.size()) {
      throw new IllegalArgumentException(
          "%d of %d members judge; at most one may, and another one must write."
              .formatted(judges, members.size()));
    }
    double sum =
        members.stream().filter(m -> !judges(m)).mapToDouble(TokenMember::weight).sorted().sum();
    for (TokenMember member : members) {
      if (judges(member)
          && steps.reward() != Reward.LIKELIHOOD
          && StepJudge.token(member.tokenizer(), steps.right())
              == StepJudge.token(member.tokenizer(), steps.wrong())) {
        throw new IllegalArgumentException(
            "To '%s' the verdicts '%s' and '%s' begin by the same token."
                .formatted(member.name(), steps.right(), steps.wrong()));
      }
    }
    return new SearchPlan(
        List.copyOf(members),
        members.stream().map(m -> judges(m) ? 0 : m.weight() / sum).toList(),
        TextJoin.of(members, window),
        steps,
        search,
        temperature);
  }

  private static boolean judges(TokenMember member) {
    return member.role().equals(JUDGE);
  }

  /** Indexes of the members that write, by name. */
  List<Integer> writers() {
    return IntStream.range(0, members.size())
        .boxed()
        .filter(m -> !judges(members.get(m)))
        .sorted(Comparator.comparing(m -> members.get(m).name()))
        .toList();
  }

  /** Index of the member that judges; -1 for none. */
  int judge() {
    return IntStream.range(0, members.size())
        .filter(m -> judges(members.get(m)))
        .findFirst()
        .orElse(-1);
  }

  @Override
  public SearchSession open(List<? extends MemberPrompt> prompts, StepRunner runner) {
    if (prompts.size() != members.size()) {
      throw new IllegalArgumentException(
          "%d prompts for %d members".formatted(prompts.size(), members.size()));
    }
    return new SearchSession(this, new ArrayList<>(prompts), runner);
  }
}
