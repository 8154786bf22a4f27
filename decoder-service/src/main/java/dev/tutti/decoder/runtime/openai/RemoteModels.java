package dev.tutti.decoder.runtime.openai;

import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The registry's models of runtime openai. The health of an endpoint outlives changes of the
 * registry that do not concern it. Thread-safe.
 */
public final class RemoteModels {

  private final EndpointConfig config;
  private volatile Map<String, RemoteModel> models = Map.of();

  /** No models yet. */
  public RemoteModels(EndpointConfig config) {
    this.config = config;
  }

  /** Takes over the registry's models. */
  public synchronized void follow(Snapshot snapshot) {
    var now = new HashMap<String, RemoteModel>();
    for (Model model : snapshot.getModelsList()) {
      boolean served =
          model.getLifecycle() == Lifecycle.LIFECYCLE_ACTIVE
              || model.getLifecycle() == Lifecycle.LIFECYCLE_DEPRECATED;
      if (served && model.getRuntime() == Runtime.RUNTIME_OPENAI) {
        now.put(model.getName(), model(model));
      }
    }
    models = Map.copyOf(now);
  }

  private RemoteModel model(Model model) {
    RemoteModel before = models.get(model.getName());
    boolean same =
        before != null
            && before.registered().getEndpointsList().equals(model.getEndpointsList())
            && before.registered().getRemoteModel().equals(model.getRemoteModel())
            && before.registered().getCredential().equals(model.getCredential());
    return new RemoteModel(model, same ? before.endpoints() : endpoints(model), config);
  }

  private List<Endpoint> endpoints(Model model) {
    int count = model.getEndpointsCount();
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Endpoint(
                    model.getEndpoints(i),
                    count == 1
                        ? "The endpoint of '%s'".formatted(model.getName())
                        : "Endpoint %d of '%s'".formatted(i + 1, model.getName()),
                    config))
        .toList();
  }

  /** A model that is not registered yet, to look at. */
  RemoteModel unregistered(Model model) {
    return new RemoteModel(model, endpoints(model), config);
  }

  /** The model of this name; empty where none of runtime openai is served under it. */
  public Optional<RemoteModel> find(String name) {
    return Optional.ofNullable(models.get(name));
  }
}
