package dev.tutti.router.limit;

import dev.tutti.kit.grpc.FailureException;
import dev.tutti.router.decision.Spend;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** A request that was let in, and what it took of each limit of its key. */
public final class Admission {

  private final Limits limits;
  private final List<Part> parts;

  /** What it took of one limit. */
  record Part(LimitKind kind, LimitKind.Bounds bounds, Meter meter, Meter.Taken taken) {}

  Admission(Limits limits, List<Part> parts) {
    this.limits = limits;
    this.parts = parts;
  }

  /**
   * Has it answered; what it did use takes the place of what was expected. Where it throws, that is
   * what the failure says, or nothing.
   *
   * @param tokens that it used, read and written
   * @param usd US dollars that it cost
   */
  public <T> T spend(Supplier<T> answer, ToDoubleFunction<T> tokens, ToDoubleFunction<T> usd) {
    double usedTokens = 0;
    double usedUsd = 0;
    try {
      T its = answer.get();
      usedTokens = tokens.applyAsDouble(its);
      usedUsd = usd.applyAsDouble(its);
      return its;
    } catch (FailureException e) {
      Spend spent = Spend.of(e.spent().getUsage(), e.spent().getCostUsd());
      usedTokens = spent.tokens();
      usedUsd = spent.usd().doubleValue();
      throw e;
    } finally {
      settle(1, usedTokens, usedUsd);
    }
  }

  /** It is answered, and nobody was asked for it. */
  public void settleFree() {
    settle(1, 0, 0);
  }

  void settle(double requests, double tokens, double usd) {
    for (Part its : parts) {
      LimitKind kind = its.kind();
      double used = kind == LimitKind.REQUESTS ? requests : kind.amount(tokens, usd);
      its.meter().settle(its.taken(), used);
      limits.balance(its.meter(), its.bounds());
    }
  }
}
