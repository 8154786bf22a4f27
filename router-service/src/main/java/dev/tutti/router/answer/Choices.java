package dev.tutti.router.answer;

import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Usages;
import io.grpc.Context;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Several answers to one request, of somebody who gives one at a time: asked for side by side, a
 * virtual thread each, their events in one stream as they come. Where the request has a seed, the
 * first answer has it too, and every other one a seed of its own that follows from it. The first
 * failure is the whole answer's. Confined to the thread that asks.
 */
final class Choices {

  /** What waits for the reader: a slow one slows everybody. */
  private static final int WAITING = 64;

  private final GenerateRequest request;
  private final EventSink<GenerateResponse> sink;
  private final BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(WAITING);
  private final Completion[] completions;
  private final Map<Integer, Spent> spent = new ConcurrentSkipListMap<>();

  /** Gives one answer: its events, and its completion. */
  @FunctionalInterface
  interface One {
    Result ask(GenerateRequest request, EventSink<GenerateResponse> sink);
  }

  private sealed interface Heard {
    record Event(int choice, GenerateResponse event) implements Heard {}

    record Ended(int choice, Completion completion) implements Heard {}

    record Failed(Throwable why) implements Heard {}
  }

  private Choices(GenerateRequest request, EventSink<GenerateResponse> sink) {
    this.request = request;
    this.sink = sink;
    this.completions = new Completion[request.getChoices()];
  }

  /** As many answers as the request wants. */
  static Result ask(GenerateRequest request, EventSink<GenerateResponse> sink, One one) {
    return request.getChoices() <= 1 ? one.ask(request, sink) : new Choices(request, sink).run(one);
  }

  private Result run(One one) {
    try {
      askAll(one);
      return new Result.Answered(Completions.together(completions));
    } catch (RuntimeException e) {
      return new Result.Failed(e, Completions.total(spent.values()));
    }
  }

  /** No call outlives this: whatever ends it early, each has told what it used by then. */
  private void askAll(One one) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        for (int i = 0; i < completions.length; i++) {
          int choice = i;
          Runnable work = Context.current().wrap(() -> say(choice, one));
          threads.execute(io.opentelemetry.context.Context.current().wrap(work));
        }
        listen();
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private void say(int choice, One one) {
    try {
      switch (one.ask(forChoice(choice), event -> hear(choice, event))) {
        case Result.Answered its -> {
          spent.put(choice, Completions.spent(its.completion()));
          put(new Heard.Ended(choice, its.completion()));
        }
        case Result.Failed its -> {
          if (Usages.isSomething(its.spent())) {
            spent.put(choice, its.spent());
          }
          fail(its.why());
        }
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  /** Interrupted is who is not listened to any more. */
  private void fail(Throwable why) {
    if (!Thread.currentThread().isInterrupted()) {
      put(new Heard.Failed(why));
    }
  }

  private void hear(int choice, GenerateResponse event) {
    if (event.hasSpent()) {
      spent.put(choice, event.getSpent());
    } else {
      put(new Heard.Event(choice, event));
    }
  }

  private void put(Heard what) {
    try {
      heard.put(what);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
  }

  private void listen() {
    int left = completions.length;
    while (left > 0) {
      switch (take()) {
        case Heard.Event(int choice, GenerateResponse event) when event.hasDelta() ->
            sink.emit(
                GenerateResponse.newBuilder()
                    .setDelta(event.getDelta().toBuilder().setChoice(choice))
                    .build());
        case Heard.Event(_, GenerateResponse event) -> sink.emit(event);
        case Heard.Ended(int choice, Completion completion) -> {
          completions[choice] = completion;
          left--;
        }
        case Heard.Failed(Throwable why) ->
            throw why instanceof RuntimeException e ? e : new IllegalStateException(why);
      }
    }
  }

  private Heard take() {
    try {
      return heard.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
  }

  private GenerateRequest forChoice(int choice) {
    GenerateRequest.Builder its = request.toBuilder().clearChoices();
    // Several answers are wanted, not one several times.
    its.setCache(CacheUse.CACHE_USE_BYPASS);
    if (choice > 0 && request.getSampling().hasSeed()) {
      // By name of the place: neighbouring seeds must not give each other's answers.
      long seed = new SplittableRandom(request.getSampling().getSeed()).nextLong() + choice;
      its.getSamplingBuilder().setSeed(new SplittableRandom(seed).nextLong());
    }
    if (request.getRecipe().getBudget().hasUsdPerRequest()) {
      its.getRecipeBuilder()
          .getBudgetBuilder()
          .setUsdPerRequest(
              request.getRecipe().getBudget().getUsdPerRequest() / completions.length);
    }
    return its.build();
  }
}
