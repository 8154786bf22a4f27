package dev.tutti.cascade.answer;

import com.google.common.primitives.Floats;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.cache.AnswerCache;
import dev.tutti.cascade.cache.CacheEntry;
import dev.tutti.cascade.cache.CacheKey;
import dev.tutti.cascade.cache.CacheSettings;
import dev.tutti.cascade.cache.Lookup;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.KeptAnswer;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.Reply;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeRequest;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/** Gives kept answers again, and has new ones kept, where an ensemble's settings say so. */
@Singleton
class Caching {

  private static final Logger LOG = Logger.getLogger(Caching.class);

  /** An embedding takes milliseconds; who waits longer for it had better ask the members. */
  private static final long EMBEDDING_SECONDS = 2;

  private final AnswerCache cache;
  private final DecoderServiceBlockingStub models;
  private final MeterRegistry metrics;

  Caching(
      AnswerCache cache,
      @GrpcClient("decoder") DecoderServiceBlockingStub models,
      MeterRegistry metrics) {
    this.cache = cache;
    this.models = models;
    this.metrics = metrics;
  }

  /**
   * Gives the answer that is kept, if there is one that may be given.
   *
   * @param team whose answers are looked at
   * @param standsOn what the method was fitted to, as name and version; may be empty
   * @param sink gets the kept answer
   * @param draws whether the method draws answers by itself
   * @return where the members' answer goes, which it keeps; empty where an answer was given
   */
  Optional<AnswerSink> begin(
      RecipeRequest request,
      CallRunner runner,
      String team,
      String standsOn,
      boolean draws,
      EventSink<GenerateResponse> sink) {
    var passed = new AnswerSink(sink, UnaryOperator.identity());
    CacheSettings settings = CascadeCatalog.CACHING.parseOwn(request.recipe().getSettings());
    if (settings.cache() == CacheSettings.Reach.OFF) {
      return Optional.of(passed);
    }
    CacheUse use = request.request().getCache();
    Optional<CacheKey> key =
        use == CacheUse.CACHE_USE_BYPASS
            ? Optional.empty()
            : CacheKey.of(request, team, standsOn, draws, settings);
    if (key.isEmpty()) {
      count("passed");
      return Optional.of(passed);
    }
    Lookup found =
        cache.look(
            key.get(),
            settings,
            () -> embedded(key.get().question()),
            use == CacheUse.CACHE_USE_REFRESH);
    return switch (found) {
      case Lookup.Given given -> {
        boolean same = given.outcome() == CacheOutcome.CACHE_OUTCOME_EXACT;
        count(same ? "exact" : "semantic");
        give(request, runner, given, sink);
        cache.gave(given, request.id());
        yield Optional.empty();
      }
      case Lookup.Missed missed -> {
        count(missed.beside().isPresent() ? "checked" : "missed");
        yield Optional.of(new AnswerSink(sink, event -> kept(event, request, missed, settings)));
      }
    };
  }

  private void count(String outcome) {
    Counter.builder("tutti.cascade.cache.lookups")
        .description("Requests of ensembles that keep answers, by what the cache had for them")
        .tag("outcome", outcome)
        .register(metrics)
        .increment();
  }

  /** A question that is too long to be read whole is refused, and not looked for by its meaning. */
  private Optional<CacheEntry.Embedded> embedded(String question) {
    DecoderServiceBlockingStub asked = Deadlines.apply(models);
    Deadline soon = Deadline.after(EMBEDDING_SECONDS, TimeUnit.SECONDS);
    try {
      EmbedResponse response =
          asked
              .withDeadline(asked.getCallOptions().getDeadline().minimum(soon))
              .embed(EmbedRequest.newBuilder().addTexts(question).build());
      if (response.getEmbeddingsCount() != 1) {
        return Optional.empty();
      }
      float[] vector = Floats.toArray(response.getEmbeddings(0).getValuesList());
      return vector.length == 0
          ? Optional.empty()
          : Optional.of(new CacheEntry.Embedded(response.getSha256(), vector));
    } catch (StatusRuntimeException e) {
      LOG.debugf("A question is not looked for by its meaning: %s", e.getMessage());
      return Optional.empty();
    }
  }

  private static void give(
      RecipeRequest request,
      CallRunner runner,
      Lookup.Given given,
      EventSink<GenerateResponse> sink) {
    Completion answer = given.entry().made().answer();
    var reply = new Reply(runner, sink);
    reply.begin(answer.getAuthor(), 1);
    reply.pass(TextDelta.newBuilder().setText(answer.getText()).build());
    KeptAnswer told = told(given.entry(), given.outcome(), given.similarity());
    reply.complete(
        answer.toBuilder(),
        CascadeDecision.given(request, runner, answer.getAuthor(), told),
        Durations.ZERO);
  }

  /** The completion is kept before it goes out: whoever has it may ask again at once. */
  private GenerateResponse kept(
      GenerateResponse event, RecipeRequest request, Lookup.Missed missed, CacheSettings settings) {
    Optional<CacheEntry> entry = cache.keep(missed, settings, request.id(), event.getCompletion());
    if (entry.isEmpty()) {
      return event;
    }
    GenerateResponse.Builder told = event.toBuilder();
    told.getCompletionBuilder()
        .getDecisionBuilder()
        .setCache(told(entry.get(), CacheOutcome.CACHE_OUTCOME_KEPT, 1));
    return told.build();
  }

  private static KeptAnswer told(CacheEntry entry, CacheOutcome outcome, double similarity) {
    return KeptAnswer.newBuilder()
        .setOutcome(outcome)
        .setEntry(entry.id())
        .setSimilarity(similarity)
        .setTime(Timestamps.fromMillis(entry.made().time().toEpochMilli()))
        .setRequestId(entry.made().requestId())
        .setCostUsd(entry.made().costUsd())
        .build();
  }
}
