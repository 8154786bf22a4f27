package dev.tutti.cascade.api;

import com.google.protobuf.util.Timestamps;
import dev.tutti.cascade.cache.AnswerCache;
import dev.tutti.cascade.cache.CacheReport;
import dev.tutti.cascade.v1.Cache;
import dev.tutti.cascade.v1.CacheServiceGrpc;
import dev.tutti.cascade.v1.GetCacheRequest;
import dev.tutti.cascade.v1.GetCacheResponse;
import dev.tutti.cascade.v1.ListCachesRequest;
import dev.tutti.cascade.v1.ListCachesResponse;
import dev.tutti.cascade.v1.PurgeCacheRequest;
import dev.tutti.cascade.v1.PurgeCacheResponse;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** What cascades keep of a team, over gRPC. */
@GrpcService
public class CacheEndpoint extends CacheServiceGrpc.CacheServiceImplBase {

  private static final int LONGEST_NAME = 128;

  private final AnswerCache cache;

  CacheEndpoint(AnswerCache cache) {
    this.cache = cache;
  }

  @Override
  public void listCaches(ListCachesRequest request, StreamObserver<ListCachesResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListCachesResponse.newBuilder()
                .addAllCaches(
                    cache.report(Teams.named(request.getTeam())).stream()
                        .map(CacheEndpoint::told)
                        .toList())
                .build());
  }

  @Override
  public void getCache(GetCacheRequest request, StreamObserver<GetCacheResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetCacheResponse.newBuilder()
                .setCache(
                    told(
                        cache.report(Teams.named(request.getTeam()), named(request.getEnsemble()))))
                .build());
  }

  @Override
  public void purgeCache(PurgeCacheRequest request, StreamObserver<PurgeCacheResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          String ensemble = named(request.getEnsemble());
          String team = Teams.named(request.getTeam());
          return PurgeCacheResponse.newBuilder()
              .setEntries(cache.purge(team, ensemble, Teams.author(request.getAuthor())))
              .build();
        });
  }

  private static String named(String ensemble) {
    RequestRules.require(
        !ensemble.isEmpty()
            && ensemble.length() <= LONGEST_NAME
            && ensemble.chars().noneMatch(Character::isISOControl),
        "ensemble",
        "ensemble is required: its name, 1 to %d characters, none of them a control character."
            .formatted(LONGEST_NAME));
    return ensemble;
  }

  private static Cache told(CacheReport its) {
    Cache.Builder cache =
        Cache.newBuilder()
            .setEnsemble(its.ensemble())
            .setEntries(its.entries())
            .setJudged(its.judged())
            .setJudgedWrong(its.judgedWrong())
            .setChecked(its.checked())
            .setCheckedWrong(its.checkedWrong());
    its.oldest().ifPresent(time -> cache.setOldest(Timestamps.fromMillis(time.toEpochMilli())));
    its.falseHitRate().ifPresent(cache::setFalseHitRate);
    return cache.build();
  }
}
