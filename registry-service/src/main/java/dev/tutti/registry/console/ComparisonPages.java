package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.ComparisonItem;
import dev.tutti.registry.api.ComparisonItem.CostPoint;
import dev.tutti.registry.api.ComparisonItem.MemberPoint;
import dev.tutti.registry.api.ComparisonResource;
import dev.tutti.registry.neighbour.Services;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The page that holds what fits made against each other, whatever service and method it is of. */
@Browsed
@Path("/console/comparisons")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class ComparisonPages {

  private static final String PAGES = "/console/comparisons";
  private static final String REST = "/api/v1/comparisons";

  private final ComparisonResource comparisons;
  private final Services services;
  private final Visit visit;
  private final ObjectMapper json;

  ComparisonPages(
      ComparisonResource comparisons, Services services, Visit visit, ObjectMapper json) {
    this.comparisons = comparisons;
    this.services = services;
    this.visit = visit;
    this.json = json;
  }

  /**
   * A comparison as its page shows it.
   *
   * @param compared itself
   * @param curves drawn; null where there is nothing to draw
   * @param alone members and the best answer of each query, as a table
   * @param metrics what was measured, a metric a row
   * @param versions as they are written in the form
   * @param csv address of a table as CSV, but for its name
   */
  public record View(
      ComparisonItem compared,
      CostCurves curves,
      List<Alone> alone,
      List<MetricTable> metrics,
      String versions,
      String csv) {

    /** Whether all were measured on the same queries. */
    public boolean isSame() {
      return compared.versions().stream()
          .allMatch(v -> v.heldOut().equals(compared.sharedQueries()));
    }

    /** Each with how it does against the first. */
    public List<Row> rows() {
      var rows = new ArrayList<Row>();
      for (int i = 0; i < compared.versions().size(); i++) {
        rows.add(new Row(compared.versions().get(i), i == 0 ? null : compared.pairs().get(i - 1)));
      }
      return rows;
    }

    /** A version as it is told apart from the others. */
    public String name(ComparisonItem.Compared version) {
      return CostCurves.name(compared, version);
    }

    /** What is along the bottom of the drawing, and in the tables. */
    public String costs() {
      return CostCurves.costs(compared);
    }

    /** Address of a table as CSV. */
    public String csv(String table) {
      return csv.formatted(table);
    }
  }

  /**
   * A version in the table.
   *
   * @param pair it and the first; null for the first
   */
  public record Row(ComparisonItem.Compared its, ComparisonItem.Pair pair) {}

  /**
   * Somebody alone.
   *
   * @param name of the member; null for who knows the best answers
   * @param usd null where it is not known
   */
  public record Alone(String name, Double usd, double quality) {}

  /**
   * Compares versions.
   *
   * @param version SERVICE/NAME/NUMBER each
   * @param versions the same separated by commas or blanks; of the artifact that {@code service}
   *     and {@code name} say a NUMBER is enough, of that service's others NAME/NUMBER
   */
  @GET
  public TemplateInstance compare(
      @QueryParam("version") List<String> version,
      @QueryParam("versions") String versions,
      @QueryParam("service") String service,
      @QueryParam("name") String name) {
    String asked = asked(version, versions, service, name);
    ComparisonItem compared = comparisons.compare(Asked.given(asked));
    Map<String, String> parameters = Map.of("versions", asked);
    return Templates.comparison(
        visit.frame(
            Section.ARTIFACTS,
            "Versions compared",
            Curl.get("This comparison", visit.base(), REST, parameters)),
        new View(
            compared,
            CostCurves.of(compared),
            alone(compared),
            metrics(compared),
            asked.replace(",", ", "),
            PAGES + "/%s.csv" + Curl.query(parameters).replace("%", "%%")));
  }

  /** One of its tables as CSV: pairs, points, alone or metrics. */
  @GET
  @Path("/{table}.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(@PathParam("table") String table, @QueryParam("versions") String versions) {
    ComparisonItem compared = comparisons.compare(Asked.given(versions));
    return switch (table) {
      case "pairs" ->
          rows(
              table,
              List.of(
                  "service",
                  "artifact",
                  "version",
                  "base_service",
                  "base_artifact",
                  "base_version",
                  "queries",
                  "quality_difference",
                  "low",
                  "high",
                  "confidence",
                  "reason"),
              compared.pairs().stream().map(ComparisonPages::cells).toList());
      case "points" ->
          rows(
              table,
              List.of("service", "artifact", "version", "cost", "quality"),
              points(compared));
      case "alone" ->
          rows(
              table,
              List.of("member", "cost", "quality"),
              alone(compared).stream()
                  .map(
                      a ->
                          Arrays.<Object>asList(
                              a.name() == null ? "" : a.name(), a.usd(), a.quality()))
                  .toList());
      case "metrics" -> {
        var columns = new ArrayList<>(List.of("metric"));
        compared.versions().forEach(v -> columns.add(CostCurves.name(compared, v)));
        yield rows(
            table,
            columns,
            metrics(compared).stream()
                .map(
                    m -> {
                      var cells = new ArrayList<Object>(List.of(m.name()));
                      cells.addAll(m.values());
                      return (List<Object>) cells;
                    })
                .toList());
      }
      default -> throw new Refusal.NotFound("There is no such table.").exception();
    };
  }

  private static Response rows(String name, List<String> columns, List<List<Object>> rows) {
    return Csv.<List<Object>>of(name, columns, _ -> new Csv.Part<>(rows, null), row -> row);
  }

  private static List<Object> cells(ComparisonItem.Pair pair) {
    return Arrays.asList(
        pair.service(),
        pair.name(),
        pair.version(),
        pair.baseService(),
        pair.baseName(),
        pair.baseVersion(),
        pair.queries(),
        pair.qualityDifference(),
        pair.low(),
        pair.high(),
        pair.confidence(),
        pair.reason());
  }

  private static List<List<Object>> points(ComparisonItem compared) {
    var rows = new ArrayList<List<Object>>();
    for (ComparisonItem.Compared v : compared.versions()) {
      for (CostPoint point : v.curve()) {
        rows.add(
            List.of(
                v.service(),
                v.version().name(),
                v.version().version(),
                point.usd(),
                point.quality()));
      }
    }
    return rows;
  }

  /** Each once: versions that held out the same say the same. */
  private static List<Alone> alone(ComparisonItem compared) {
    var alone = new LinkedHashSet<Alone>();
    for (ComparisonItem.Compared v : compared.versions()) {
      for (MemberPoint m : v.members()) {
        alone.add(new Alone(m.member(), m.usd(), m.quality()));
      }
    }
    for (ComparisonItem.Compared v : compared.versions()) {
      if (v.oracle() != null) {
        alone.add(new Alone(null, v.oracle().usd(), v.oracle().quality()));
      }
    }
    return List.copyOf(alone);
  }

  private List<MetricTable> metrics(ComparisonItem compared) {
    List<List<Difference>> metrics =
        compared.versions().stream()
            .map(v -> Difference.between(null, json.valueToTree(v.version().metrics())))
            .toList();
    return MetricTable.of(metrics.size(), metrics);
  }

  /** As the REST takes them. */
  private String asked(List<String> version, String versions, String service, String name) {
    var asked = new LinkedHashSet<>(version);
    for (String text : Asked.shown(versions).strip().split("[\\s,]+")) {
      if (!text.isEmpty()) {
        asked.add(absolute(text, service, name));
      }
    }
    return String.join(",", asked);
  }

  private String absolute(String text, String service, String name) {
    boolean whole = services.names().stream().anyMatch(s -> text.startsWith(s + "/"));
    if (whole || Asked.given(service) == null) {
      return text;
    }
    return text.indexOf('/') < 0
        ? "%s/%s/%s".formatted(service, Asked.shown(name), text)
        : "%s/%s".formatted(service, text);
  }
}
