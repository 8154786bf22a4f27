package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Snapshot;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegisteredSeriesTest {

  private final SimpleMeterRegistry kept = new SimpleMeterRegistry();
  // As Quarkus injects it.
  private final CompositeMeterRegistry meters = new CompositeMeterRegistry().add(kept);

  @Test
  void whatIsRetiredOrDeletedHasNoSeriesAndTheOthersStay() {
    var series = new RegisteredSeries(meters);
    series.follow(snapshot(Lifecycle.LIFECYCLE_ACTIVE, "anna", "bert", "carl"));
    for (String name : List.of("anna", "bert", "carl", "unknown")) {
      meters.counter("tutti.router.choices", "ensemble", "vote", "member", name).increment();
      meters.counter("tutti.router.requests", "name", name).increment();
    }
    meters.counter("jvm.something", "name", "bert").increment();
    var next = snapshot(Lifecycle.LIFECYCLE_RETIRED, "bert").toBuilder();
    next.mergeFrom(snapshot(Lifecycle.LIFECYCLE_DEPRECATED, "anna"));
    series.follow(next.build());
    assertEquals(
        List.of("anna", "unknown"),
        kept.find("tutti.router.requests").counters().stream()
            .map(c -> c.getId().getTag("name"))
            .sorted()
            .toList());
    assertEquals(2, kept.find("tutti.router.choices").counters().size());
    assertEquals(1, kept.find("jvm.something").counters().size());

    // An answer that was under way ends late.
    meters.counter("tutti.router.requests", "name", "bert").increment();
    series.follow(next.build());
    assertEquals(2, kept.find("tutti.router.requests").counters().size());

    series.follow(snapshot(Lifecycle.LIFECYCLE_ACTIVE, "anna", "bert"));
    meters.counter("tutti.router.requests", "name", "bert").increment();
    series.follow(snapshot(Lifecycle.LIFECYCLE_ACTIVE, "anna", "bert"));
    assertEquals(3, kept.find("tutti.router.requests").counters().size());
  }

  private static Snapshot snapshot(Lifecycle lifecycle, String... models) {
    Snapshot.Builder snapshot = Snapshot.newBuilder();
    for (String model : models) {
      snapshot.addModelsBuilder().setName(model).setLifecycle(lifecycle);
    }
    return snapshot.build();
  }
}
