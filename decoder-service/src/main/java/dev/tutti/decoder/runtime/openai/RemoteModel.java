package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.registry.v1.Model;
import io.smallrye.faulttolerance.api.CustomBackoffStrategy;
import io.smallrye.faulttolerance.api.Guard;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A registered model behind endpoints. A call goes to the endpoint that has the fewest calls among
 * those that are well; what fails before anything was streamed is tried again, elsewhere where
 * there is an elsewhere. Thread-safe.
 */
public final class RemoteModel {

  private final Model registered;
  private final List<Endpoint> endpoints;
  private final EndpointConfig config;
  private final Guard retries;

  RemoteModel(Model registered, List<Endpoint> endpoints, EndpointConfig config) {
    this.registered = registered;
    this.endpoints = List.copyOf(endpoints);
    this.config = config;
    this.retries =
        Guard.create()
            .withDescription(registered.getName())
            .withRetry()
            .maxRetries(config.retries())
            .whenException(this::worthAnother)
            .withCustomBackoff()
            .strategy(Backoff::new)
            .done()
            .done()
            .build();
  }

  /** As the registry has it. */
  public Model registered() {
    return registered;
  }

  /** Its name at the endpoints. */
  public String remoteName() {
    return registered.getRemoteModel().isEmpty()
        ? registered.getName()
        : registered.getRemoteModel();
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  /**
   * Does something at one of its endpoints.
   *
   * @param tried those to try last; gets those that were tried now
   * @throws EndpointException when no endpoint does it
   * @throws CancelledException when interrupted
   */
  @SuppressWarnings("unchecked")
  <T> T call(List<Endpoint> tried, Endpoint.Attempt<T> attempt) {
    try {
      return (T)
          retries.call(
              () -> {
                Endpoint endpoint = pick(tried);
                tried.add(endpoint);
                try {
                  return endpoint.call(attempt);
                } catch (EndpointException e) {
                  throw e.endpointsOwn() && hasWellBeside(tried) ? e.elsewhere() : e;
                }
              },
              Object.class);
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } catch (Exception e) {
      throw new IllegalStateException("An attempt threw what it does not declare", e);
    }
  }

  /** The endpoint to try next: well, not tried yet where possible, with the fewest calls. */
  Endpoint pick(List<Endpoint> tried) {
    List<Endpoint> well =
        endpoints.stream().filter(e -> !e.isOpen() && !e.rest().isPositive()).toList();
    if (well.isEmpty()) {
      throw endpoints.stream().min(Comparator.comparing(Endpoint::away)).orElseThrow().notTried();
    }
    List<Endpoint> fresh = well.stream().filter(e -> !tried.contains(e)).toList();
    List<Endpoint> from = fresh.isEmpty() ? well : fresh;
    // Of equals not always the first.
    int shift = ThreadLocalRandom.current().nextInt(from.size());
    Endpoint best = from.get(shift);
    for (int i = 1; i < from.size(); i++) {
      Endpoint other = from.get((shift + i) % from.size());
      if (other.outstanding() < best.outstanding()) {
        best = other;
      }
    }
    return best;
  }

  /** A Retry-After is waited for where it is short, or where another endpoint answers meanwhile. */
  private boolean worthAnother(Throwable failure) {
    return failure instanceof EndpointException e
        && e.allowsAnother()
        && (e.rest().compareTo(config.longestRetryAfter()) <= 0 || someoneIsWell());
  }

  private boolean someoneIsWell() {
    return hasWellBeside(List.of());
  }

  /** Whether one of its endpoints beside these is well. */
  boolean hasWellBeside(List<Endpoint> tried) {
    return endpoints.stream()
        .anyMatch(e -> !tried.contains(e) && !e.isOpen() && !e.rest().isPositive());
  }

  /** Pauses between the tries of one call: none where another endpoint is there to take it. */
  private final class Backoff implements CustomBackoffStrategy {

    private long pause = config.retryDelay().toMillis();
    private int tries;

    @Override
    public long nextDelayInMillis(Throwable failure) {
      tries++;
      if (tries < endpoints.size() && someoneIsWell()) {
        return 0;
      }
      Duration rest =
          failure instanceof EndpointException e && !someoneIsWell() ? e.rest() : Duration.ZERO;
      long jittered = pause - ThreadLocalRandom.current().nextLong(pause / 2 + 1);
      pause *= 2;
      return Math.max(rest.toMillis() + 1, jittered);
    }
  }
}
