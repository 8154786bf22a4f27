package dev.tutti.decoder.answer;

import com.google.protobuf.util.Durations;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.generation.v1.Completion;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Snapshot;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What the service counts, at /q/metrics. */
@Startup
@Singleton
public class DecoderMetrics {

  /** Target of answers of ensembles that nobody registered: a recipe's name is its sender's. */
  private static final String RECIPE = "recipe";

  private final MeterRegistry registry;
  private volatile Set<String> ensembles = Set.of();

  /** Registers what can always be told. */
  public DecoderMetrics(MeterRegistry registry, SessionLimit limit, ModelPool pool) {
    this.registry = registry;
    Gauge.builder("tutti.decoder.sessions.running", limit, SessionLimit::running)
        .description("Model sessions that answer now")
        .register(registry);
    Gauge.builder("tutti.decoder.sessions.queued", limit, SessionLimit::queued)
        .description("Requests that wait for sessions")
        .register(registry);
    Gauge.builder("tutti.decoder.models.loaded", pool, its -> its.state().loaded())
        .description("Models in memory")
        .register(registry);
    Gauge.builder("tutti.decoder.models.bytes", pool, its -> its.state().bytes())
        .description("Bytes of the models in memory")
        .register(registry);
    FunctionCounter.builder("tutti.decoder.load.failures", pool, its -> its.state().loadFailures())
        .description("Attempts to load a model that failed")
        .register(registry);
  }

  /** Learns which ensembles have series of their own. */
  public void follow(Snapshot snapshot) {
    ensembles =
        snapshot.getEnsemblesList().stream()
            .map(Ensemble::getName)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** An answer of an ensemble. */
  void ensembleAnswered(String name, Answer answer) {
    answered(ensembles.contains(name) ? name : RECIPE, answer);
  }

  /** An answer of a model. */
  void answered(String target, Answer answer) {
    firstToken(target).record(answer.firstToken());
    whole(target).record(answer.total());
    Counter.builder("tutti.decoder.steps")
        .description("Tokens that models and ensembles of this service wrote")
        .tag("target", target)
        .register(registry)
        .increment(answer.tokens());
  }

  /** An answer of a model behind endpoints. */
  void answered(String model, Completion completion) {
    firstToken(model)
        .record(Durations.toNanos(completion.getTiming().getFirstToken()), TimeUnit.NANOSECONDS);
    whole(model).record(Durations.toNanos(completion.getTiming().getTotal()), TimeUnit.NANOSECONDS);
    tokens(
        model,
        completion.getUsage().getPromptTokens(),
        completion.getUsage().getCompletionTokens());
  }

  /** Tokens that a model read and wrote. */
  void tokens(String model, long prompt, long completion) {
    tokens(model, "prompt").increment(prompt);
    tokens(model, "completion").increment(completion);
  }

  private Counter tokens(String model, String kind) {
    return Counter.builder("tutti.decoder.tokens")
        .description("Tokens that models read and wrote")
        .tags("model", model, "kind", kind)
        .register(registry);
  }

  private Timer firstToken(String target) {
    return Timer.builder("tutti.decoder.first.token")
        .description("Time to the first token of an answer")
        .tag("target", target)
        .register(registry);
  }

  private Timer whole(String target) {
    return Timer.builder("tutti.decoder.answer")
        .description("Time to the end of an answer")
        .tag("target", target)
        .register(registry);
  }
}
