package dev.tutti.registry.watch;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** What the feed last saw, as metrics. */
@ApplicationScoped
class RegistryMetrics {

  void register(@Observes StartupEvent event, SnapshotFeed feed, MeterRegistry meters) {
    Gauge.builder("tutti_registry_revision", feed, f -> f.now().getRevision())
        .description("Newest revision that this replica has seen")
        .register(meters);
    Gauge.builder("tutti_registry_models", feed, f -> f.now().getModelsCount())
        .description("Models that are no drafts")
        .register(meters);
    Gauge.builder("tutti_registry_ensembles", feed, f -> f.now().getEnsemblesCount())
        .description("Ensembles that are no drafts")
        .register(meters);
  }
}
