package dev.tutti.kit.grpc;

import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Snapshot;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Set;

/** Forgets the series of models, ensembles and keys that the registry has no longer. */
public final class RegisteredSeries {

  /** Labels that hold a name. */
  private static final Set<String> LABELS = Set.of("name", "ensemble", "member", "model", "target");

  /** Label that holds the id of a key. */
  private static final String KEY = "key";

  private final MeterRegistry meters;
  private final Set<String> gone = new HashSet<>();
  private Set<String> known = Set.of();

  /** Of a service's meters. */
  public RegisteredSeries(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Takes a snapshot: what was known and is retired or deleted in it has no series any more. */
  public synchronized void follow(Snapshot snapshot) {
    Set<String> now = new HashSet<>();
    for (Model model : snapshot.getModelsList()) {
      if (model.getLifecycle() != Lifecycle.LIFECYCLE_RETIRED) {
        now.add(model.getName());
      }
    }
    for (Ensemble ensemble : snapshot.getEnsemblesList()) {
      if (ensemble.getLifecycle() != Lifecycle.LIFECYCLE_RETIRED) {
        now.add(ensemble.getName());
      }
    }
    // Names and ids of keys are apart: a model may be called as a key is.
    snapshot.getKeysList().forEach(key -> now.add(KEY + "=" + key.getId()));
    // Kept: an answer that was under way when its name went may count once more.
    gone.addAll(known);
    gone.removeAll(now);
    known = now;
    if (!gone.isEmpty()) {
      meters.getMeters().stream().filter(this::isGone).toList().forEach(meters::remove);
    }
  }

  private boolean isGone(Meter meter) {
    return meter.getId().getName().startsWith("tutti")
        && meter.getId().getTags().stream()
            .anyMatch(
                tag ->
                    LABELS.contains(tag.getKey()) && gone.contains(tag.getValue())
                        || tag.getKey().equals(KEY) && gone.contains(KEY + "=" + tag.getValue()));
  }
}
