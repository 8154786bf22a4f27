package dev.tutti.router.answer;

import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.router.access.Caller;
import dev.tutti.router.activity.Ending;
import dev.tutti.router.decision.Spend;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * Counts and times requests: {@code tutti_router_requests_total}, {@code
 * tutti_router_choices_total}, {@code tutti_router_decision_seconds}, {@code
 * tutti_router_first_token_seconds}, {@code tutti_router_request_seconds}, {@code
 * tutti_router_tokens_total}, {@code tutti_router_cost_usd_total}, {@code tutti_spend_usd_total}.
 * Names are the registry's, so there are no more series than registrations.
 */
@ApplicationScoped
class RequestMetrics {

  private static final String UNKNOWN = "unknown";
  private static final Duration[] DECISION_BUCKETS = {
    Duration.ofNanos(200_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(3),
    Duration.ofMillis(4),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(50)
  };

  private final MeterRegistry meters;

  RequestMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** A request whose name stands for nothing. */
  void refused(Throwable why) {
    count(UNKNOWN, outcome(why));
  }

  /**
   * A request to a name of the registry begins.
   *
   * @param depth below the client's own; only that one's spend is counted, which holds the others'
   */
  Running start(String name, int depth) {
    return new Running(name, depth);
  }

  /**
   * Whom to ask is decided, the query's embedding included.
   *
   * @param name of the ensemble; empty for a recipe that was sent
   * @param start of the decision, as {@link System#nanoTime}
   */
  void decided(String name, long start) {
    Timer.builder("tutti.router.decision")
        .description("Deciding whom to ask, the query's embedding included")
        .tag("name", name.isEmpty() ? "recipe" : name)
        .serviceLevelObjectives(DECISION_BUCKETS)
        .register(meters)
        .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
  }

  /** A member was chosen to answer for an ensemble of the registry. */
  void chosen(String ensemble, String member) {
    counter("choices", "Answers of an ensemble, by the member that was chosen")
        .tags("ensemble", ensemble, "member", member)
        .register(meters)
        .increment();
  }

  private void count(String name, String outcome) {
    counter("requests", "Requests, those of nested ensembles too")
        .tags("name", name, "outcome", outcome)
        .register(meters)
        .increment();
  }

  private static Counter.Builder counter(String metric, String description) {
    return Counter.builder("tutti.router." + metric).description(description);
  }

  private Timer timer(String metric, String description, String name) {
    return Timer.builder(metric).description(description).tag("name", name).register(meters);
  }

  static String outcome(Throwable why) {
    if (why instanceof CancelledException) {
      return "cancelled";
    }
    return switch (FailureStatus.fromThrowable(why)) {
      case Failure.InvalidArgument _ -> "invalid";
      case Failure.NotFound _ -> "not_found";
      case Failure.FailedPrecondition _ -> "failed_precondition";
      case Failure.ResourceExhausted _ -> "exhausted";
      case Failure.Unavailable _ -> "unavailable";
      case Failure.DeadlineExceeded _ -> "deadline_exceeded";
      case Failure.Cancelled _ -> "cancelled";
      case Failure.Unauthenticated _ -> "unauthenticated";
      case Failure.PermissionDenied _ -> "denied";
      case Failure.Internal _ -> "internal";
    };
  }

  /** One request. */
  final class Running {

    private final String name;
    private final int depth;
    private final long start = System.nanoTime();
    private boolean spoken;

    private Running(String name, int depth) {
      this.name = name;
      this.depth = depth;
    }

    /** The sink, with the first delta timed. */
    EventSink<GenerateResponse> timing(EventSink<GenerateResponse> sink) {
      return event -> {
        if (!spoken && (event.hasDelta() || event.hasWire())) {
          spoken = true;
          timer("tutti.router.first.token", "Time to the first text of an answer", name)
              .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        }
        sink.emit(event);
      };
    }

    /** How it ended, and how long it took until now. */
    Ending ending(boolean failed, OptionalDouble dearestUsd) {
      return new Ending(name, failed, Expectations.secondsSince(start), dearestUsd);
    }

    void answered(Spend spend) {
      spent(spend);
      end("ok");
    }

    void failed(Throwable why, Spend spend) {
      spent(spend);
      end(outcome(why));
    }

    private void spent(Spend spend) {
      tokens("prompt", spend.promptTokens());
      tokens("completion", spend.completionTokens());
      double usd = spend.usd().doubleValue();
      counter("cost.usd", "US dollars that answers cost, those of nested ensembles too")
          .tag("name", name)
          .register(meters)
          .increment(usd);
      if (depth == 0) {
        Caller caller = Caller.current();
        Counter.builder("tutti.spend.usd")
            .description("US dollars that clients' requests cost")
            .tags("ensemble", name, "team", caller.team(), "key", caller.keyId())
            .register(meters)
            .increment(usd);
      }
    }

    private void tokens(String kind, long count) {
      counter("tokens", "Tokens that were read and written for answers")
          .tags("name", name, "kind", kind)
          .register(meters)
          .increment(count);
    }

    private void end(String outcome) {
      count(name, outcome);
      timer("tutti.router.request", "Time to the end of an answer, or to its failure", name)
          .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }
}
