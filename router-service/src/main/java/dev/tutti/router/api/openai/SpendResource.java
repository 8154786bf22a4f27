package dev.tutti.router.api.openai;

import dev.tutti.router.access.Needs;
import dev.tutti.router.decision.SpendReport;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** What was spent, by ensemble, team or day. Ours: OpenAI has no such thing. */
@Path("/v1/spend")
public class SpendResource {

  private static final Duration USUAL = Duration.ofDays(30);

  private final SpendReport report;

  SpendResource(SpendReport report) {
    this.report = report;
  }

  private record Line(
      String key,
      long requests,
      long estimated_requests,
      long prompt_tokens,
      long completion_tokens,
      String cost_usd) {

    static Line of(SpendReport.Line line) {
      return new Line(
          line.key(),
          line.requests(),
          line.estimated(),
          line.promptTokens(),
          line.completionTokens(),
          // As text: a JSON number is read as a double.
          line.usd().toPlainString());
    }
  }

  /** A report; {@code truncated} where there are more lines than are told. */
  public record Report(
      String object, Instant from, Instant to, String by, boolean truncated, Object data) {}

  /** The last thirty days by ensemble where nothing else is said. */
  @Needs
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Report spend(
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("by") String by,
      @Context UriInfo uri) {
    QueryParameters.requireKnown(uri, "from", "to", "by");
    Instant end = to == null ? Instant.now() : QueryParameters.instant("to", to);
    Instant start = from == null ? end.minus(USUAL) : QueryParameters.instant("from", from);
    if (!start.isBefore(end)) {
      throw ApiException.invalid(
          "invalid_value", "from", "from is %s, which is not before to, %s.".formatted(start, end));
    }
    SpendReport.By key = by == null ? SpendReport.By.ENSEMBLE : by(by);
    List<SpendReport.Line> lines = report.report(start, end, key);
    return new Report(
        "spend",
        start,
        end,
        key.name().toLowerCase(Locale.ROOT),
        lines.size() == SpendReport.MOST,
        lines.stream().map(Line::of).toList());
  }

  private static SpendReport.By by(String text) {
    for (SpendReport.By by : SpendReport.By.values()) {
      if (by.name().toLowerCase(Locale.ROOT).equals(text)) {
        return by;
      }
    }
    throw ApiException.invalid(
        "invalid_value",
        "by",
        "by is '%s'; allowed are ensemble, team, key, day.".formatted(QueryParameters.cut(text)));
  }
}
