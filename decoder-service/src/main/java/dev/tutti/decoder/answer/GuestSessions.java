package dev.tutti.decoder.answer;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.SessionRoom;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.decoder.v1.OpenSession;
import dev.tutti.decoder.v1.SessionRequest;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Sessions of models that this decoder holds, for other decoders; a stream each. */
public class GuestSessions {

  private final ModelPool pool;
  private final Peers peers;
  private final SessionLimit limit;
  private final ComputeThreads threads;
  private final Duration patience;

  /**
   * Sessions that count among all that run here.
   *
   * @param patience longest silence of another decoder that has one
   */
  public GuestSessions(
      ModelPool pool, Peers peers, SessionLimit limit, ComputeThreads threads, Duration patience) {
    this.patience = patience;
    this.pool = pool;
    this.peers = peers;
    this.limit = limit;
    this.threads = threads;
  }

  /** Longest silence of another decoder that has a session. */
  public Duration patience() {
    return patience;
  }

  /**
   * Does the steps of a stream to its end. Whatever ends it, its sessions are freed.
   *
   * @param requests waits for the next; empty at the end
   * @throws FailureException when a step cannot be done
   * @throws dev.tutti.kit.grpc.CancelledException when the other decoder left
   */
  public void serve(Supplier<Optional<SessionRequest>> requests, EventSink<SessionResponse> sink) {
    Optional<SessionRequest> first = requests.get();
    if (first.isEmpty()) {
      return;
    }
    OpenSession opening = opening(first.get());
    peers.requireHere(pool.registered(opening.getModel(), "steps[0].open.model"));
    try (ModelPool.Lease lease = pool.acquire(opening.getModel(), "steps[0].open.model")) {
      requireSame(opening, lease.model());
      try (SessionLimit.Permit permit = limit.acquireNow()) {
        threads.run(
            () -> {
              serve(lease.model(), permit, opening, first.get(), requests, sink);
              return null;
            });
      }
    }
  }

  private static void serve(
      LanguageModel model,
      SessionRoom room,
      OpenSession opening,
      SessionRequest first,
      Supplier<Optional<SessionRequest>> requests,
      EventSink<SessionResponse> sink) {
    OptionalInt top = opening.hasTop() ? OptionalInt.of(opening.getTop()) : OptionalInt.empty();
    try (var steps = new GuestSteps(model, room, first.getSteps(0).getSession(), top, sink)) {
      steps.follow(first, 1);
      for (var next = requests.get(); next.isPresent(); next = requests.get()) {
        steps.follow(next.get(), 0);
      }
    }
  }

  private static OpenSession opening(SessionRequest first) {
    if (first.getStepsCount() == 0 || !first.getSteps(0).hasOpen()) {
      throw Failure.invalid("steps[0]", "The first step of a stream opens a session.");
    }
    OpenSession opening = first.getSteps(0).getOpen();
    if (opening.hasTop() && opening.getTop() < 1) {
      throw Failure.invalid(
          "steps[0].open.top", "top is %d; at least 1 is allowed.".formatted(opening.getTop()));
    }
    return opening;
  }

  private static void requireSame(OpenSession opening, LanguageModel model) {
    String wanted = opening.getTokensSha256();
    if (!wanted.isEmpty() && !wanted.equals(model.tokensSha256())) {
      throw new Failure.FailedPrecondition(
              "steps[0].open.tokens_sha256",
              "FILES_DIFFER",
              "The tokens of '%s' are cut by other files here (SHA-256 %s) than there (%s)."
                  .formatted(opening.getModel(), model.tokensSha256(), wanted))
          .exception();
    }
  }
}
