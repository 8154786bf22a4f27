package dev.tutti.decoder.runtime.peer;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.runtime.CallTime;
import dev.tutti.decoder.v1.CloseSession;
import dev.tutti.decoder.v1.ForkSession;
import dev.tutti.decoder.v1.OpenSession;
import dev.tutti.decoder.v1.SessionRequest;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.decoder.v1.SessionStep;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Deadlines;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The stream of a session on another decoder, and of those that were forked from it. Steps that ask
 * for nothing wait for the next one that does, and travel with it in one message. It begins with
 * the first that asks, within the gRPC context in which it was made, and ends with its last
 * session, with that context, or with whatever fails. Thread-safe: forks may be asked at once, and
 * are answered one after the other.
 */
final class PeerStream {

  /** As the contract has it. */
  private static final int MOST_STEPS = 4_096;

  private final Peer peer;
  private final String model;
  private final Context call = Context.current();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final List<SessionStep> waiting = new ArrayList<>();
  // By session that was asked and has not got all its answers yet.
  private final Map<Integer, Answers> asked = new HashMap<>();
  private ClientCallStreamObserver<SessionRequest> requests;
  private Throwable ended;
  private int given;
  private int open = 1;

  private static final class Answers {
    final Deque<SessionResponse> come = new ArrayDeque<>();
    int due;
  }

  private final class Responses implements ClientResponseObserver<SessionRequest, SessionResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<SessionRequest> stream) {
      requests = stream;
    }

    @Override
    public void onNext(SessionResponse response) {
      lock.lock();
      try {
        Answers answers = asked.get(response.getSession());
        if (answers == null || answers.come.size() == answers.due) {
          fail(PeerMeters.Fault.WRONG, new DecodeException("It answered what nobody asked."));
        } else {
          answers.come.add(response);
          arrived.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onError(Throwable why) {
      ended(why);
    }

    @Override
    public void onCompleted() {
      ended(Status.UNAVAILABLE.withDescription("It ended the stream.").asRuntimeException());
    }

    private void ended(Throwable why) {
      lock.lock();
      try {
        if (ended == null) {
          ended = why;
          peer.ended(why, call);
        }
        arrived.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** A stream with an empty session, number 0. */
  PeerStream(Peer peer, String model, OpenSession opening) {
    this.peer = peer;
    this.model = model;
    waiting.add(SessionStep.newBuilder().setOpen(opening).build());
  }

  /** The number of a new session that is a copy of another. */
  int fork(int session) {
    lock.lock();
    try {
      open++;
      int number = ++given;
      waiting.add(
          SessionStep.newBuilder()
              .setSession(number)
              .setFork(ForkSession.newBuilder().setFrom(session))
              .build());
      return number;
    } finally {
      lock.unlock();
    }
  }

  /** Does a step that asks for nothing, before the next one that does. */
  void tell(SessionStep step) {
    lock.lock();
    try {
      waiting.add(step);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Does steps of a session and waits for their answers.
   *
   * @param due how many answers there will be
   * @param patience times the timeout, for what may be read one after the other, at least 1
   * @throws DecodeException when the other decoder fails, or is silent for too long
   * @throws dev.tutti.kit.grpc.FailureException when it runs too many sessions already
   * @throws CancelledException when the caller left
   */
  List<SessionResponse> ask(int session, int due, int patience, List<SessionStep> steps) {
    lock.lock();
    try {
      requireAlive();
      waiting.addAll(steps);
      var answers = new Answers();
      answers.due = due;
      asked.put(session, answers);
      long start = System.nanoTime();
      send();
      await(answers, patience);
      peer.answered("step", start);
      asked.remove(session);
      return List.copyOf(answers.come);
    } finally {
      lock.unlock();
    }
  }

  /** The reason, in words of this decoder, where there will be no more answers. */
  private void requireAlive() {
    switch (ended) {
      case null -> {}
      case CancelledException left -> throw left;
      case DecodeException said -> throw worded(said);
      default -> throw peer.failure(model, ended, call);
    }
  }

  private void send() {
    if (requests == null) {
      // Not within the asking thread's context, which may last for this step only.
      call.run(() -> peer.sessions().session(new Responses()));
    }
    for (int from = 0; from < waiting.size(); from += MOST_STEPS) {
      int to = Math.min(from + MOST_STEPS, waiting.size());
      requests.onNext(SessionRequest.newBuilder().addAllSteps(waiting.subList(from, to)).build());
    }
    waiting.clear();
  }

  private void await(Answers answers, int times) {
    Duration patience = patience(times);
    long nanos = patience.toNanos();
    int come = 0;
    try {
      while (answers.come.size() < answers.due) {
        requireAlive();
        if (nanos <= 0 && CallTime.isOver(call)) {
          end(new CancelledException());
        } else if (nanos <= 0) {
          fail(
              PeerMeters.Fault.SILENT,
              new DecodeException("It was silent for %s.".formatted(Deadlines.shown(patience))));
        } else {
          nanos = arrived.awaitNanos(nanos);
          if (answers.come.size() > come) {
            come = answers.come.size();
            nanos = patience(times).toNanos();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var left = new CancelledException();
      end(left);
      throw left;
    }
  }

  /** Of whoever asks, within that of this decoder. */
  private Duration patience(int times) {
    Deadline deadline = Context.current().getDeadline();
    long nanos = peer.timeout().multipliedBy(times).toNanos();
    return Duration.ofNanos(
        deadline == null
            ? nanos
            : Math.clamp(deadline.timeRemaining(TimeUnit.NANOSECONDS), 1, nanos));
  }

  /** Ends the stream where the other decoder is not waited for any longer. */
  private void end(Throwable why) {
    if (ended == null) {
      ended = why;
      requests.cancel("Nobody waits for more.", why);
    }
    arrived.signalAll();
  }

  private void fail(PeerMeters.Fault fault, DecodeException why) {
    if (ended == null) {
      peer.meters().failed(fault);
    }
    end(why);
  }

  /** Ends a session; the stream with the last. */
  void close(int session) {
    lock.lock();
    try {
      open--;
      if (ended != null) {
        return;
      }
      if (open == 0) {
        ended = new IllegalStateException("The session is closed.");
        waiting.clear();
        if (requests != null) {
          requests.onCompleted();
        }
      } else if (!forget(session)) {
        waiting.add(
            SessionStep.newBuilder()
                .setSession(session)
                .setClose(CloseSession.getDefaultInstance())
                .build());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes back a fork of which the other decoder has not heard yet. */
  private boolean forget(int session) {
    boolean waits =
        waiting.stream().anyMatch(step -> step.getSession() == session && step.hasFork());
    boolean copied =
        waiting.stream().anyMatch(step -> step.hasFork() && step.getFork().getFrom() == session);
    return waits && !copied && waiting.removeIf(step -> step.getSession() == session);
  }

  /**
   * Ends all of it because of what the other decoder said.
   *
   * @return to be thrown
   */
  DecodeException refuse(DecodeException why) {
    lock.lock();
    try {
      fail(PeerMeters.Fault.WRONG, why);
      return worded(why);
    } finally {
      lock.unlock();
    }
  }

  private DecodeException worded(DecodeException why) {
    return new DecodeException(
        "The decoder '%s' failed '%s': %s".formatted(peer.name(), model, why.getMessage()), why);
  }
}
