package dev.tutti.cascade.cache;

import dev.tutti.learning.database.Database;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The cache of this service, which begins and ends with it. */
@ApplicationScoped
class KeptAnswers {

  private final ExecutorService builder =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("answer-index").daemon().factory());
  private final AnswerMemory memory;
  private final CacheTable table;
  private final CacheWriter writer;
  private final CacheFollower follower;

  KeptAnswers(
      Database database,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.cascade.cache.max-bytes") MemorySize mostBytes) {
    Counter lost =
        Counter.builder("tutti.cascade.cache.unwritten")
            .description("Kept answers and what is known of them that the database did not get")
            .register(meters);
    this.memory = new AnswerMemory(mostBytes.asLongValue(), builder);
    this.table = new CacheTable(database);
    this.writer = new CacheWriter(table, lost::increment);
    this.follower = new CacheFollower(memory, new CacheNews(database), table, writer);
    FunctionCounter.builder("tutti.cascade.cache.crowded", memory, AnswerMemory::crowdedOut)
        .description(
            "Kept answers that went for want of memory before their ensemble's end of them")
        .register(meters);
    Gauge.builder("tutti.cascade.cache.entries", memory, AnswerMemory::size)
        .description("Answers that are kept in memory")
        .register(meters);
    Gauge.builder("tutti.cascade.cache.size", memory, AnswerMemory::bytes)
        .description("About what they take")
        .baseUnit("bytes")
        .register(meters);
  }

  @Produces
  @Singleton
  AnswerCache cache() {
    return new AnswerCache(
        memory, table, writer, () -> ThreadLocalRandom.current().nextDouble(), Instant::now);
  }

  void start(@Observes StartupEvent event) {
    writer.start();
    follower.start();
  }

  void stop(@Observes ShutdownEvent event) {
    follower.close();
    writer.close();
    builder.shutdownNow();
  }
}
