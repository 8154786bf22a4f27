package dev.tutti.registry.recording;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.recording.PaidCalls.Paid;
import dev.tutti.registry.recording.PaidCalls.Place;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import io.grpc.Context;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Asks some questions of all members, several calls at once. A question is begun only where the
 * money that is left pays for all that is to be asked about it, so that what a dataset gets of a
 * recording that ran out of money is whole rows. For the job's thread.
 */
final class Window {

  private static final long TICK_MILLIS = 200;

  /** Calls of a window of which one at least would have succeeded if anybody were there. */
  private static final int ENOUGH = 8;

  private final Calls calls;
  private final Purse purse;
  private final Roster roster;
  private final Semaphore places;
  private final Runnable tick;

  /**
   * Windows of a recording.
   *
   * @param atOnce calls at once
   * @param tick is called now and then; throws where the job must stop
   */
  Window(Calls calls, Purse purse, Roster roster, int atOnce, Runnable tick) {
    this.calls = calls;
    this.purse = purse;
    this.roster = roster;
    this.places = new Semaphore(atOnce);
    this.tick = tick;
  }

  /** A question, and what came of it with each member that was asked. */
  record Asked(Question question, List<Made> made) {}

  /**
   * What came of a window.
   *
   * @param asked the questions that were begun
   * @param left how many were not, since there was no money
   */
  record Result(List<Asked> asked, int left) {}

  private record Begun(Question question, List<Future<Made>> calls) {}

  /**
   * Asks.
   *
   * @param stored what the dataset has of these questions, by id; nothing of it is asked again
   * @param paid what was paid before the job was resumed
   */
  Result ask(List<Question> questions, Map<String, RecordedQuery> stored, Map<Place, Paid> paid)
      throws SQLException, InterruptedException {
    Context.CancellableContext context = Context.current().withCancellation();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    boolean done = false;
    try {
      var begun = new ArrayList<Begun>();
      int left = 0;
      for (Question question : questions) {
        Set<String> known =
            stored
                .getOrDefault(question.id(), RecordedQuery.getDefaultInstance())
                .getOutcomesList()
                .stream()
                .map(Outcome::getMember)
                .collect(Collectors.toSet());
        List<Future<Made>> its = begin(question, known, paid, left == 0, threads, context);
        if (its.isEmpty()) {
          left++;
        } else {
          begun.add(new Begun(question, its));
        }
      }
      var asked = new ArrayList<Asked>();
      for (Begun one : begun) {
        var made = new ArrayList<Made>();
        for (Future<Made> call : one.calls()) {
          made.add(result(call));
        }
        asked.add(new Asked(one.question(), made));
      }
      done = true;
      requireSomebody(asked);
      return new Result(asked, left);
    } finally {
      if (!done) {
        // Not by an interrupt: what a call that is cut off did cost is written yet.
        calls.stop();
        context.cancel(null);
        Thread.interrupted();
      }
      threads.close();
    }
  }

  /** Where nobody answers anything, the recording waits rather than have all of it fail. */
  private static void requireSomebody(List<Asked> asked) {
    List<Made> made =
        asked.stream()
            .flatMap(its -> its.made().stream())
            .filter(its -> !(its instanceof Made.Known))
            .toList();
    if (made.size() >= ENOUGH
        && made.stream().allMatch(its -> its instanceof Made.Failed failed && failed.forNow())) {
      throw new Failure.Unavailable(
              "NOBODY_ANSWERS",
              "No member answers: %s".formatted(((Made.Failed) made.getFirst()).reason()))
          .exception();
    }
  }

  /**
   * Begins the calls of a question.
   *
   * @param all whether members may be asked; else only what is paid or known is taken
   * @return nothing where there is no money for it
   */
  private List<Future<Made>> begin(
      Question question,
      Set<String> known,
      Map<Place, Paid> paid,
      boolean all,
      ExecutorService threads,
      Context context)
      throws InterruptedException {
    double[] expected = expected(question, known, paid);
    boolean open = roster.members().stream().anyMatch(m -> !known.contains(m.name()));
    boolean held = false;
    if (open && all) {
      // What the calls before did cost is known once there is a place.
      awaitPlace();
      expected = expected(question, known, paid);
      held = hold(expected, known);
    }
    var begun = new ArrayList<Future<Made>>();
    boolean first = true;
    for (int m = 0; m < expected.length; m++) {
      Roster.Asked member = roster.members().get(m);
      Paid before = before(question, member, paid);
      double usd = expected[m];
      if (known.contains(member.name())) {
        begun.add(CompletableFuture.completedFuture(new Made.Known(member.name())));
      } else if (held) {
        if (!first) {
          awaitPlace();
        }
        first = false;
        begun.add(
            threads.submit(
                context.wrap(
                    () -> {
                      try {
                        return calls.make(question, member, before);
                      } finally {
                        purse.release(usd);
                        places.release();
                      }
                    })));
      } else if (before.outcome() != null && usd == 0) {
        begun.add(threads.submit(() -> calls.make(question, member, before)));
      }
    }
    return begun;
  }

  private static Paid before(Question question, Roster.Asked member, Map<Place, Paid> paid) {
    return paid.getOrDefault(new Place(question.line(), member.name()), Paid.NOTHING);
  }

  /** What each member's calls are expected to cost; 0 where there is nothing to ask. */
  private double[] expected(Question question, Set<String> known, Map<Place, Paid> paid) {
    return roster.members().stream()
        .mapToDouble(
            m ->
                known.contains(m.name())
                    ? 0
                    : calls.expected(question, m, before(question, m, paid)))
        .toArray();
  }

  /** Gives the place back where there is no money. */
  private boolean hold(double[] expected, Set<String> known) throws InterruptedException {
    long open = roster.members().stream().filter(m -> !known.contains(m.name())).count();
    boolean held = false;
    try {
      held = purse.hold(DoubleStream.of(expected).sum(), (int) open);
      return held;
    } finally {
      if (!held) {
        places.release();
      }
    }
  }

  private void awaitPlace() throws InterruptedException {
    do {
      tick.run();
    } while (!places.tryAcquire(TICK_MILLIS, TimeUnit.MILLISECONDS));
  }

  private Made result(Future<Made> call) throws SQLException, InterruptedException {
    while (true) {
      tick.run();
      try {
        return call.get(TICK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // Goes on.
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case SQLException lost -> throw lost;
          case FailureException failed -> throw failed;
          case RuntimeException fault -> throw fault;
          case Error error -> throw error;
          case null, default -> throw new IllegalStateException("A call broke off", e);
        }
      }
    }
  }
}
