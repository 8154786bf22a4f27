package dev.tutti.fusion.members;

import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.MemberAnswer;
import dev.tutti.kit.grpc.MemberCalls;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.type.v1.Member;
import io.grpc.Context;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Asks all members at once, a virtual thread each. Thread-safe. */
public final class ParallelCalls {

  /** How a member's call ended. */
  public sealed interface Outcome {

    /** Place of the member in the recipe. */
    int place();

    /** What it used, as far as this is known. */
    Spent spent();

    /** It answered. */
    record Answered(int place, MemberAnswer answer) implements Outcome {
      @Override
      public Spent spent() {
        return answer.spent();
      }
    }

    /** It failed. */
    record Failed(int place, Failure failure, Spent spent) implements Outcome {}

    /** It was cancelled, as nobody needed to wait for it. */
    record Unneeded(int place, Spent spent) implements Outcome {}
  }

  /** Hears how calls end, on the thread that asks. */
  public interface Listener {

    /** A call ended. */
    void heard(Outcome outcome);

    /** How long to wait for the next one; empty for as long as it takes. */
    Optional<Duration> patience();
  }

  private final MemberCalls calls;

  /** Asks through these calls. */
  public ParallelCalls(MemberCalls calls) {
    this.calls = calls;
  }

  /**
   * Asks every member and returns when each has answered or failed, or when the listener waits no
   * more: then it hears last of those that were not needed. No call outlives this method: when it
   * ends early, for whatever reason, the others are cancelled first.
   *
   * @throws CancelledException when the caller left
   */
  public void ask(RecipeRequest request, Listener listener) {
    List<Member> members = request.members();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var done = new ExecutorCompletionService<Outcome>(threads);
      try {
        for (int place = 0; place < members.size(); place++) {
          done.submit(withinContexts(call(request, place)));
        }
        var silent = new TreeSet<Integer>();
        IntStream.range(0, members.size()).forEach(silent::add);
        while (!silent.isEmpty()) {
          Optional<Duration> patience = listener.patience();
          Future<Outcome> ended =
              patience.isEmpty()
                  ? done.take()
                  : done.poll(patience.get().toNanos(), TimeUnit.NANOSECONDS);
          if (ended == null) {
            threads.shutdownNow();
            for (int left = silent.size(); left > 0; left--) {
              Outcome last = done.take().get();
              // Nobody waited for it, though it may have answered by now.
              listener.heard(new Outcome.Unneeded(last.place(), last.spent()));
            }
            return;
          }
          Outcome outcome = ended.get();
          if (outcome instanceof Outcome.Unneeded) {
            throw new CancelledException();
          }
          silent.remove(outcome.place());
          listener.heard(outcome);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(e.getCause());
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private Callable<Outcome> call(RecipeRequest request, int place) {
    Member member = request.members().get(place);
    Sampling sampling = sampling(request, member);
    return () -> {
      try {
        return new Outcome.Answered(place, calls.ask(request, member, sampling, 1, delta -> {}));
      } catch (FailureException e) {
        return new Outcome.Failed(place, e.failure(), e.spent());
      } catch (CancelledException e) {
        return new Outcome.Unneeded(place, e.spent());
      }
    };
  }

  /** The call's deadline and cancellation, and its trace, go along to the new thread. */
  private static <T> Callable<T> withinContexts(Callable<T> work) {
    return io.opentelemetry.context.Context.current().wrap(Context.current().wrap(work));
  }

  /**
   * The request's sampling. Where it has a seed, each of several members gets its own, drawn from
   * the seed and the member's name: with one seed for all, models that are alike would draw the
   * same tokens and agree without being right. The order of the members plays no part; a single
   * member keeps the seed, so that an ensemble of one answers as the member itself.
   */
  static Sampling sampling(RecipeRequest request, Member member) {
    Sampling sampling = request.sampling();
    if (!sampling.hasSeed() || request.members().size() == 1) {
      return sampling;
    }
    long seed = sampling.getSeed() ^ fnv1a(RecipeRequest.name(member));
    return sampling.toBuilder().setSeed(new SplittableRandom(seed).nextLong()).build();
  }

  private static long fnv1a(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
