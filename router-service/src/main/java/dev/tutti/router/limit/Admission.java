package dev.tutti.router.limit;

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
   * Has it answered; what it did use takes the place of what was expected. Where it throws, what
   * was expected stands.
   *
   * @param tokens that it used, read and written
   * @param usd US dollars that it cost
   */
  public <T> T spend(Supplier<T> answer, ToDoubleFunction<T> tokens, ToDoubleFunction<T> usd) {
    T its = answer.get();
    settle(1, tokens.applyAsDouble(its), usd.applyAsDouble(its));
    return its;
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
