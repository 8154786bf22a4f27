package dev.tutti.registry.admin;

import dev.tutti.cascade.v1.Cache;
import dev.tutti.cascade.v1.CacheServiceGrpc;
import dev.tutti.cascade.v1.CacheServiceGrpc.CacheServiceBlockingStub;
import dev.tutti.cascade.v1.GetCacheRequest;
import dev.tutti.cascade.v1.ListCachesRequest;
import dev.tutti.cascade.v1.PurgeCacheRequest;
import dev.tutti.registry.Author;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.store.ServiceChange;
import dev.tutti.registry.store.ServiceChange.Action;
import dev.tutti.registry.store.ServiceChange.Subject;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The answers that cascades keep, which cascade-service has. All methods block, and throw {@link
 * RefusedException} with what it answers.
 */
@ApplicationScoped
public class CacheAdmin {

  private static final Duration WITHIN = Duration.ofSeconds(40);

  private final Services services;
  private final Audited audited;

  CacheAdmin(Services services, Audited audited) {
    this.services = services;
    this.audited = audited;
  }

  /**
   * What every ensemble keeps, by name.
   *
   * @param team whose; "none" for what was asked without a key
   */
  public List<Cache> caches(String team) {
    var request = ListCachesRequest.newBuilder().setTeam(team).build();
    return ask(stub -> stub.listCaches(request)).getCachesList();
  }

  /** What one keeps. */
  public Cache cache(String team, String ensemble) {
    var request = GetCacheRequest.newBuilder().setTeam(team).setEnsemble(ensemble).build();
    return ask(stub -> stub.getCache(request)).getCache();
  }

  /** Forgets all that one keeps; tells how many answers that were. */
  public long purge(String team, String ensemble, Author author) {
    var request =
        PurgeCacheRequest.newBuilder()
            .setTeam(team)
            .setEnsemble(ensemble)
            .setAuthor(author.name())
            .build();
    return audited.doing(
        author,
        () -> ask(stub -> stub.purgeCache(request)).getEntries(),
        entries -> entries == 0 ? Optional.empty() : Optional.of(change(ensemble)));
  }

  private static ServiceChange change(String ensemble) {
    return new ServiceChange(Services.CASCADE, Action.DELETE, Subject.CACHE, ensemble, null);
  }

  private <T> T ask(Function<CacheServiceBlockingStub, T> question) {
    return services.ask(Services.CASCADE, WITHIN, CacheServiceGrpc::newBlockingStub, question);
  }
}
