package dev.tutti.router.api;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.math.BigDecimal;
import java.util.UUID;

/** The headers that lead from an answer to its decision. */
final class DecisionHeaders {

  private static final String ID = "x-tutti-decision-id";
  private static final String COST = "x-tutti-cost-usd";

  private DecisionHeaders() {}

  /** Draws the id of a request and its decision, and tells it whatever the response will be. */
  static String identify(RoutingContext http) {
    String id = UUID.randomUUID().toString();
    http.response().putHeader(ID, id);
    return id;
  }

  /** Tells what the answer cost. */
  static Response.ResponseBuilder withCost(Response.ResponseBuilder response, double usd) {
    return response.header(COST, BigDecimal.valueOf(usd).toPlainString());
  }
}
