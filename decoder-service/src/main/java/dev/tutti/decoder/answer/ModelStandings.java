package dev.tutti.decoder.answer;

import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.openai.EndpointStanding;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.v1.GetStandingResponse;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.List;

/** How models stand, from memory, for people. */
@Singleton
public class ModelStandings {

  private static final int MOST = 200;

  private static final Comparator<EndpointStanding> ORDER =
      Comparator.comparing((EndpointStanding its) -> !its.isAway())
          .thenComparing(EndpointStanding::model)
          .thenComparing(EndpointStanding::place);

  private final ModelPool pool;
  private final RemoteModels remote;

  /** Of these. */
  public ModelStandings(ModelPool pool, RemoteModels remote) {
    this.pool = pool;
    this.remote = remote;
  }

  /** Tells it. */
  public GetStandingResponse tell() {
    List<EndpointStanding> endpoints = remote.standings();
    GetStandingResponse.Builder told =
        GetStandingResponse.newBuilder()
            .setEndpointsInAll(endpoints.size())
            .setEndpointsAway((int) endpoints.stream().filter(EndpointStanding::isAway).count());
    endpoints.stream()
        .sorted(ORDER)
        .limit(MOST)
        .forEach(
            its ->
                told.addEndpointsBuilder()
                    .setModel(its.model())
                    .setPlace(its.place())
                    .setFailing(its.failing())
                    .setSecondsLeftAlone(its.leftAlone().toMillis() / 1e3)
                    .setCalls(its.calls()));
    pool.state().failed().entrySet().stream()
        .limit(MOST)
        .forEach(its -> told.addFailedBuilder().setModel(its.getKey()).setReason(its.getValue()));
    return told.build();
  }
}
