package dev.tutti.registry.testing;

import com.google.protobuf.Duration;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Timing;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Members that answer questions such as {@code 6*7=}, by what their names end in: {@code good} is
 * right, {@code bad} is one off, {@code flaky} fails once a question, {@code broken} always, {@code
 * lossy} too, after it cost 0.01, {@code gated} waits for a permit, {@code judge} gives a grade to
 * answers. An answer costs 0.001, the judge's 0.002; of {@code dear} 0.1. Others answer as {@link
 * ScriptedAnswers} do.
 */
public final class ScriptedGeneration extends GenerationServiceGrpc.GenerationServiceImplBase {

  private final Semaphore gate = new Semaphore(0);
  private final List<GenerateRequest> requests = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger mostRunning = new AtomicInteger();
  private final ScriptedAnswers others;

  ScriptedGeneration(ScriptedAnswers others) {
    this.others = others;
  }

  /** Lets a gated member answer once for every permit. */
  public Semaphore gate() {
    return gate;
  }

  /** What a member was asked, in order. */
  public List<GenerateRequest> requests(String member) {
    return requests.stream().filter(r -> r.getName().equals(member)).toList();
  }

  /** Calls at once, at most, since this was last asked. */
  public int mostRunning() {
    return mostRunning.getAndSet(0);
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    if (others.take(request, observer)) {
      return;
    }
    requests.add(request);
    ServerCalls.streaming(
        observer,
        sink -> {
          mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
          try {
            answer(request, sink);
          } finally {
            running.decrementAndGet();
          }
        });
  }

  private void answer(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String name = request.getName();
    String asked = request.getMessages(request.getMessagesCount() - 1).getContent();
    int tries =
        calls.computeIfAbsent(name + "\n" + asked, _ -> new AtomicInteger()).incrementAndGet();
    if (name.endsWith("flaky") && tries == 1) {
      throw new Failure.Unavailable("ENDPOINT_UNREACHABLE", "It cannot be reached.").exception();
    }
    if (name.endsWith("broken")) {
      throw new Failure.InvalidArgument("messages", "TOO_LONG", "It is too long for it.")
          .exception();
    }
    if (name.endsWith("lossy")) {
      sink.emit(
          GenerateResponse.newBuilder().setSpent(Spent.newBuilder().setCostUsd(0.01)).build());
      throw new Failure.InvalidArgument("messages", "CUT", "It broke off.").exception();
    }
    if (name.endsWith("gated")) {
      awaitPermit();
    }
    if (name.endsWith("judge")) {
      sink.emit(completion(asked.contains("= 42") ? "Right.\nGrade: 10" : "No.\nGrade: 4", 0.002));
      return;
    }
    String[] factors = asked.replaceAll("[^0-9*]", "").split("\\*");
    int product = Integer.parseInt(factors[0]) * Integer.parseInt(factors[1]);
    String text =
        "%s*%s = %d"
            .formatted(factors[0], factors[1], name.endsWith("bad") ? product + 1 : product);
    TextDelta.Builder delta = TextDelta.newBuilder().setText(text);
    if (request.getSampling().getLogprobs()) {
      for (double logprob : List.of(-0.1, -0.3, -0.2)) {
        delta.addLogprobs(TokenLogprob.newBuilder().setToken("x").setLogprob(logprob));
      }
    }
    sink.emit(GenerateResponse.newBuilder().setDelta(delta).build());
    sink.emit(completion(text, name.endsWith("dear") ? 0.1 : 0.001));
  }

  private void awaitPermit() {
    try {
      while (!gate.tryAcquire(20, TimeUnit.MILLISECONDS)) {
        if (Context.current().isCancelled()) {
          throw new CancelledException();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
  }

  private static GenerateResponse completion(String text, double usd) {
    return GenerateResponse.newBuilder()
        .setCompletion(
            Completion.newBuilder()
                .setText(text)
                .setFinishReason(FinishReason.FINISH_REASON_STOP)
                .setCostUsd(usd)
                .setUsage(Usage.newBuilder().setPromptTokens(5).setCompletionTokens(3))
                .setTiming(
                    Timing.newBuilder().setTotal(Duration.newBuilder().setNanos(250_000_000)))
                .setSignals(
                    Signals.newBuilder()
                        .setMeanLogprob(-0.2)
                        .setSumLogprob(-0.6)
                        .setMinLogprob(-0.3)))
        .build();
  }
}
