package dev.tutti.router.answer;

import com.google.protobuf.util.Durations;
import dev.tutti.generation.v1.Completion;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What a call of a member is expected to cost and how long it is expected to take, from the calls
 * before: exponentially weighted means over about {@value #WINDOW} answers. Of this replica, since
 * it started; before the first answer {@link CostEstimate} stands for the cost and nothing for the
 * time. Thread-safe.
 */
@ApplicationScoped
class Expectations {

  static final int WINDOW = 20;

  private static final double MILLION = 1e6;

  private final ConcurrentMap<String, Seen> seen = new ConcurrentHashMap<>();

  /** Means over the answers of one member. */
  private record Seen(long answers, double seconds, double usd, double completionTokens) {

    static final Seen NOTHING = new Seen(0, 0, 0, 0);

    Seen and(double itsSeconds, double itsUsd, double itsTokens) {
      // The first few weigh alike, so that the first one is not the mean for long.
      double share = 1.0 / Math.min(answers + 1, WINDOW);
      return new Seen(
          answers + 1,
          seconds + share * (itsSeconds - seconds),
          usd + share * (itsUsd - usd),
          completionTokens + share * (itsTokens - completionTokens));
    }
  }

  /**
   * Remembers an answer, by what each of its choices used and cost.
   *
   * @param completion of all choices
   * @param choices that were wanted; 0 is 1
   * @param seconds that its call took
   */
  void answered(Member member, Completion completion, int choices, double seconds) {
    double each = Math.max(1, choices);
    double usd = completion.getCostUsd() / each;
    double tokens = completion.getUsage().getCompletionTokens() / each;
    seen.merge(
        RecipeRequest.name(member),
        Seen.NOTHING.and(seconds, usd, tokens),
        (before, _) -> before.and(seconds, usd, tokens));
  }

  /**
   * US dollars that one choice of a call will cost: of a model its prices for this prompt and for
   * an answer as long as its answers are; of an ensemble what its answers cost.
   */
  double usd(Member member, CostEstimate estimate) {
    Seen its = seen.getOrDefault(RecipeRequest.name(member), Seen.NOTHING);
    if (its.answers() == 0) {
      return estimate.usd(member);
    }
    if (member.hasEnsemble()) {
      return its.usd();
    }
    return (estimate.promptTokens() * member.getPrices().getUsdPerMillionPromptTokens()
            + Math.min(its.completionTokens(), estimate.completionTokens())
                * member.getPrices().getUsdPerMillionCompletionTokens())
        / MILLION;
  }

  /**
   * US dollars that one choice of an answer of an ensemble costs.
   *
   * @param unseen what stands for it before the first
   */
  double usd(String ensemble, double unseen) {
    Seen its = seen.getOrDefault(ensemble, Seen.NOTHING);
    return its.answers() == 0 ? unseen : its.usd();
  }

  /** Seconds that an answer will take; 0 where none was seen yet. */
  double seconds(Member member) {
    return seen.getOrDefault(RecipeRequest.name(member), Seen.NOTHING).seconds();
  }

  /** Seconds between a time of {@link System#nanoTime} and now. */
  static double secondsSince(long start) {
    return (System.nanoTime() - start) / (double) Durations.toNanos(Durations.fromSeconds(1));
  }
}
