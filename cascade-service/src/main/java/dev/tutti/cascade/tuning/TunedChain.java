package dev.tutti.cascade.tuning;

import dev.tutti.cascade.Policy;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Members in turn, until the confidence in an answer exceeds its member's threshold, {@code conf_j
 * > r_j}; the last of the chain always answers. Up to a lower threshold, {@code conf_j <= a_j},
 * nobody is asked any more and no answer is given.
 *
 * <p>An answer of unknown confidence is rejected while there is somebody to ask, and so is a member
 * that failed. Where the budget forbids to ask on, or the rest of the chain fails, the best answer
 * so far is given ({@link ChainConfidence#isComparable}), answers of unknown confidence last. Whom
 * the budget does not pay is passed over. Members that the point leaves out, or that were not
 * learned from, are asked only where all others failed or are passed over, in the order of the
 * recipe; the first of them that answers is taken.
 *
 * <p>Cost per request: one call a stage, one after the other, and the question's embedding beside
 * the first where confidence is read from it; the rule itself is linear in the number of members.
 */
public final class TunedChain implements Policy {

  private final ChainConfidence learned;
  private final StageThresholds thresholds;

  /** A policy of one point of what was tuned. */
  public TunedChain(ChainConfidence learned, TunedPoints.Point point) {
    this.learned = learned;
    this.thresholds = new StageThresholds(point.values());
  }

  @Override
  public Step next(Episode episode) {
    List<Integer> chain = chain(episode.members());
    List<Integer> asked = asked(episode);
    List<Integer> left = left(chain, asked, episode);
    if (asked.isEmpty()) {
      return ask(chain, left, episode, OptionalDouble.empty(), OptionalDouble.empty(), "");
    }
    int stage = asked.getLast();
    int member = episode.stages().get(stage).asked().member();
    int place = chain.indexOf(member);
    boolean isLast = place < 0 || place == chain.size() - 1;
    OptionalDouble confidence = confidence(episode, stage);
    OptionalDouble threshold =
        isLast
            ? OptionalDouble.empty()
            : OptionalDouble.of(thresholds.accept(column(episode, member)));
    String why = "It failed.";
    if (episode.stages().get(stage) instanceof Answered) {
      if (confidence.isPresent() && confidence.getAsDouble() <= abstain(episode, member)) {
        return new Abstain(
            confidence, told(confidence, "<=", abstain(episode, member)) + " No answer is given.");
      }
      if (isLast) {
        return new Accept(stage, confidence, "The last member of the chain always answers.");
      }
      float least = thresholds.accept(column(episode, member));
      if (confidence.isPresent() && confidence.getAsDouble() > least) {
        return new Accept(stage, confidence, threshold, told(confidence, ">", least));
      }
      why =
          confidence.isPresent()
              ? told(confidence, "<=", least)
              : "Its answer lacks the signal that confidence is read from.";
    }
    if (!episode.exhausted() && !left.isEmpty()) {
      return ask(chain, left, episode, confidence, threshold, why);
    }
    int best = best(episode);
    return best < 0
        ? new Abstain(OptionalDouble.empty(), "No member answered.")
        : new Accept(
            best,
            confidence,
            "No further member could answer; the most confident answer so far stands.");
  }

  /**
   * Who may be asked yet, in their order: those behind the latest in the chain; where nobody has
   * answered all others after them.
   */
  private List<Integer> left(List<Integer> chain, List<Integer> asked, Episode episode) {
    List<Integer> whom =
        asked.stream().map(stage -> episode.stages().get(stage).asked().member()).toList();
    int latest = whom.isEmpty() ? -1 : chain.indexOf(whom.getLast());
    var left = new ArrayList<Integer>();
    if (whom.isEmpty() || latest >= 0) {
      left.addAll(chain.subList(latest + 1, chain.size()));
    }
    if (episode.stages().stream().noneMatch(Answered.class::isInstance)) {
      IntStream.range(0, episode.members().size())
          .filter(m -> !left.contains(m))
          .forEach(left::add);
    }
    left.removeAll(whom);
    return left;
  }

  /** Who is asked, by place in the recipe: in the order learned, up to one that always answers. */
  private List<Integer> chain(List<MemberCard> members) {
    var chain = new ArrayList<Integer>();
    for (int column = 0; column < learned.members().size(); column++) {
      if (thresholds.leavesOut(column)) {
        continue;
      }
      for (int m = 0; m < members.size(); m++) {
        if (members.get(m).knownAs().equals(learned.members().get(column))) {
          chain.add(m);
          if (thresholds.acceptsAll(column)) {
            return chain;
          }
        }
      }
    }
    return chain;
  }

  /** Asks the first of those left who is paid; the first of all where none is. */
  private Ask ask(
      List<Integer> chain,
      List<Integer> left,
      Episode episode,
      OptionalDouble confidence,
      OptionalDouble threshold,
      String why) {
    int member = left.stream().filter(episode::pays).findFirst().orElse(left.getFirst());
    int place = chain.indexOf(member);
    boolean isLast = place < 0 || place == chain.size() - 1;
    boolean live = isLast && abstain(episode, member) < 0;
    var calls = new ArrayList<Call>();
    String text = episode.query().text();
    if (episode.stages().isEmpty() && !live && learned.embeds() && !text.isBlank()) {
      calls.add(new Call.Embed(Call.PLATFORM, List.of(text), ""));
    }
    calls.add(
        // Nothing is read from an answer that is accepted whatever it is.
        live
            ? Call.Generate.asAsked(member)
            : new Call.Generate(member, Prompt.AS_ASKED, 1, learned.sampling(), ""));
    return new Ask(
        calls,
        // A member that hangs must leave time for those behind it in the chain; those that are left
        // out are asked only where the chain fails.
        place < 0 ? left.size() : chain.size() - place,
        live,
        confidence,
        threshold,
        why);
  }

  private int column(MemberCard member) {
    return learned.members().indexOf(member.knownAs());
  }

  private int column(Episode episode, int member) {
    return column(episode.members().get(member));
  }

  private float abstain(Episode episode, int member) {
    int column = column(episode, member);
    return column < 0 ? StageThresholds.ALWAYS : thresholds.abstain(column);
  }

  private OptionalDouble confidence(Episode episode, int stage) {
    // Who embedded the question is nobody.
    if (!(episode.stages().get(stage) instanceof Answered its)) {
      return OptionalDouble.empty();
    }
    int column = column(episode, its.asked().member());
    return column >= 0 ? learned.confidence(column, episode, stage) : OptionalDouble.empty();
  }

  private int best(Episode episode) {
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < episode.stages().size(); i++) {
      double confidence = learned.isComparable() ? confidence(episode, i).orElse(-1) : i;
      if (episode.stages().get(i) instanceof Answered && confidence >= highest) {
        best = i;
        highest = confidence;
      }
    }
    return best;
  }

  /** Places of what members were asked; the embedding was nobody's. */
  private static List<Integer> asked(Episode episode) {
    return IntStream.range(0, episode.stages().size())
        .filter(i -> episode.stages().get(i).asked().member() != Call.PLATFORM)
        .boxed()
        .toList();
  }

  private String told(OptionalDouble confidence, String sign, double threshold) {
    return learned.called()
        + " "
        + rounded(confidence.getAsDouble())
        + " "
        + sign
        + " threshold "
        + rounded(threshold)
        + ".";
  }

  private static double rounded(double value) {
    return Math.round(1000 * value) / 1000.0;
  }
}
