package dev.tutti.router.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.Response;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.UUID;

/** The headers that lead from an answer to its decision. */
@ApplicationScoped
class DecisionHeaders {

  /** Before anything that may refuse the request. */
  private static final int FIRST = 2_000;

  private static final String ID = "x-tutti-decision-id";
  private static final String COST = "x-tutti-cost-usd";
  private static final MathContext DIGITS = new MathContext(9);

  void register(@Observes Filters filters) {
    filters.register(DecisionHeaders::identifyFirst, FIRST);
  }

  private static void identifyFirst(RoutingContext http) {
    if (Errors.isOpenAi(http.normalizedPath())) {
      identify(http);
    }
    http.next();
  }

  /** The id of a request and its decision, which is told whatever the response will be. */
  static String identify(RoutingContext http) {
    String id = http.get(ID);
    if (id == null) {
      id = UUID.randomUUID().toString();
      http.put(ID, id);
      http.response().putHeader(ID, id);
    }
    return id;
  }

  /** Tells what the answer cost. */
  static Response.ResponseBuilder withCost(Response.ResponseBuilder response, double usd) {
    return response.header(COST, rounded(usd));
  }

  /** Without the noise of summing. */
  static String rounded(double usd) {
    return BigDecimal.valueOf(usd).round(DIGITS).stripTrailingZeros().toPlainString();
  }
}
