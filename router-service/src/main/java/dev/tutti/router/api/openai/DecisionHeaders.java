package dev.tutti.router.api.openai;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.Response;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.UUID;
import java.util.regex.Pattern;

/** The headers that say which request was answered, by whom, and lead to its decision. */
@ApplicationScoped
class DecisionHeaders {

  /** Before anything that may refuse the request. */
  private static final int FIRST = 2_500;

  /** Who wrote the answer: the completion's author. */
  static final String MEMBER = "x-tutti-member";

  /** The caller's own name of the request, or ours. */
  static final String REQUEST = "x-request-id";

  /** What can be told back, and stand in logs, as it is. */
  private static final Pattern REQUEST_ID = Pattern.compile("[!-~]{1,128}");

  private static final String ID = "x-tutti-decision-id";
  private static final String COST = "x-tutti-cost-usd";
  private static final MathContext DIGITS = new MathContext(9);

  void register(@Observes Filters filters) {
    filters.register(DecisionHeaders::identifyFirst, FIRST);
  }

  private static void identifyFirst(RoutingContext http) {
    String its = http.request().getHeader(REQUEST);
    boolean told = its != null && REQUEST_ID.matcher(its).matches();
    if (Errors.isOpenAi(http.normalizedPath())) {
      String id = identify(http);
      http.response().putHeader(REQUEST, told ? its : id);
    } else {
      http.response().putHeader(REQUEST, told ? its : UUID.randomUUID().toString());
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
