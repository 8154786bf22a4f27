package dev.tutti.router.limit;

import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyBudget;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** What of a key can be limited, each in a window of its own by the clock (UTC). */
enum LimitKind {
  /** Requests in a minute. */
  REQUESTS(
      Window.MINUTE,
      "requests",
      "RATE_LIMIT_EXCEEDED",
      key -> key.hasRequestsPerMinute() ? only(key.getRequestsPerMinute()) : none()),
  /** Tokens in a minute, read and written. */
  TOKENS(
      Window.MINUTE,
      "tokens",
      "RATE_LIMIT_EXCEEDED",
      key -> key.hasTokensPerMinute() ? only(key.getTokensPerMinute()) : none()),
  /** US dollars in a day. */
  DAY(
      Window.DAY,
      "US dollars",
      "KEY_BUDGET_EXHAUSTED",
      key -> key.hasDay() ? budget(key.getDay()) : none()),
  /** US dollars in a month. */
  MONTH(
      Window.MONTH,
      "US dollars",
      "KEY_BUDGET_EXHAUSTED",
      key -> key.hasMonth() ? budget(key.getMonth()) : none());

  /** What stands for a budget that only warns: more than can be spent. */
  private static final double UNLIMITED = 1e12;

  private final Window window;
  private final String unit;
  private final String reason;
  private final Function<ApiKey, Optional<Bounds>> bounds;

  LimitKind(Window window, String unit, String reason, Function<ApiKey, Optional<Bounds>> bounds) {
    this.window = window;
    this.unit = unit;
    this.reason = reason;
    this.bounds = bounds;
  }

  /**
   * How much it is.
   *
   * @param most from which on requests are refused; above 0
   * @param soft from which on answers carry a warning; empty where they never do
   */
  record Bounds(double most, OptionalDouble soft) {

    /** The lower of both. */
    double least() {
      return Math.min(most, soft.orElse(most));
    }
  }

  /** The bounds of a key; empty where nothing of this kind limits it. */
  Optional<Bounds> of(ApiKey key) {
    return bounds.apply(key);
  }

  /** What of a request counts: itself, its tokens, or its US dollars. */
  double amount(double tokens, double usd) {
    return switch (this) {
      case REQUESTS -> 1;
      case TOKENS -> tokens;
      case DAY, MONTH -> usd;
    };
  }

  /** In what time it is counted. */
  Window window() {
    return window;
  }

  /** What is counted, for people. */
  String unit() {
    return unit;
  }

  /** Why a request is refused, for programs. */
  String reason() {
    return reason;
  }

  private static Optional<Bounds> only(double most) {
    return Optional.of(new Bounds(most, OptionalDouble.empty()));
  }

  private static Optional<Bounds> none() {
    return Optional.empty();
  }

  private static Optional<Bounds> budget(KeyBudget budget) {
    return Optional.of(
        new Bounds(
            budget.hasHardUsd() ? budget.getHardUsd() : UNLIMITED,
            budget.hasSoftUsd() ? OptionalDouble.of(budget.getSoftUsd()) : OptionalDouble.empty()));
  }
}
