package dev.tutti.decoder.runtime.openai;

import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The registry's models of runtime openai. The health of an endpoint outlives changes of the
 * registry that do not concern it. Thread-safe.
 */
public final class RemoteModels {

  private final EndpointConfig config;
  private final MeterRegistry meters;
  private volatile Map<String, RemoteModel> models = Map.of();

  /**
   * No models yet.
   *
   * @param meters where what their endpoints do is counted
   */
  public RemoteModels(EndpointConfig config, MeterRegistry meters) {
    this.config = config;
    this.meters = meters;
  }

  /** Takes over the registry's models. */
  public synchronized void follow(Snapshot snapshot) {
    var served = new HashMap<String, Model>();
    for (Model model : snapshot.getModelsList()) {
      boolean its =
          model.getLifecycle() == Lifecycle.LIFECYCLE_ACTIVE
              || model.getLifecycle() == Lifecycle.LIFECYCLE_DEPRECATED;
      if (its && model.getRuntime() == Runtime.RUNTIME_OPENAI) {
        served.put(model.getName(), model);
      }
    }
    // Before new ones take their names.
    models.forEach(
        (name, before) -> {
          if (!served.containsKey(name) || !hasSameEndpoints(before, served.get(name))) {
            before.endpoints().forEach(Endpoint::retire);
          }
        });
    var now = new HashMap<String, RemoteModel>();
    served.forEach((name, model) -> now.put(name, model(model)));
    models = Map.copyOf(now);
  }

  private RemoteModel model(Model model) {
    RemoteModel before = models.get(model.getName());
    boolean same = before != null && hasSameEndpoints(before, model);
    return new RemoteModel(model, same ? before.endpoints() : endpoints(model), config);
  }

  private static boolean hasSameEndpoints(RemoteModel before, Model model) {
    return before.registered().getEndpointsList().equals(model.getEndpointsList())
        && before.registered().getRemoteModel().equals(model.getRemoteModel())
        && before.registered().getCredential().equals(model.getCredential());
  }

  private List<Endpoint> endpoints(Model model) {
    var places = new HashMap<String, Integer>();
    return endpoints(
        model,
        base -> {
          String host = Endpoint.host(base);
          int place = places.merge(host, 1, Integer::sum);
          String label = place == 1 ? host : host + "#" + place;
          return new EndpointMeters(meters, model.getName(), label);
        });
  }

  private List<Endpoint> endpoints(Model model, Function<String, EndpointMeters> counting) {
    int count = model.getEndpointsCount();
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Endpoint(
                    model.getEndpoints(i),
                    count == 1
                        ? "The endpoint of '%s'".formatted(model.getName())
                        : "Endpoint %d of '%s'".formatted(i + 1, model.getName()),
                    config,
                    counting.apply(model.getEndpoints(i))))
        .toList();
  }

  /** A model that is not registered yet, to look at. */
  RemoteModel unregistered(Model model) {
    return new RemoteModel(model, endpoints(model, _ -> EndpointMeters.none()), config);
  }

  /** How the endpoints of all models stand, in no order. */
  public List<EndpointStanding> standings() {
    return models.values().stream()
        .flatMap(
            model ->
                IntStream.range(0, model.endpoints().size())
                    .mapToObj(
                        i ->
                            EndpointStanding.of(
                                model.registered().getName(), i + 1, model.endpoints().get(i))))
        .toList();
  }

  /** The model of this name; empty where none of runtime openai is served under it. */
  public Optional<RemoteModel> find(String name) {
    return Optional.ofNullable(models.get(name));
  }
}
