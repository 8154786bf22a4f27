package dev.tutti.registry.console;

import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.DatasetResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.QueryItem;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a dataset's queries: what was asked, and what became of it. */
@Browsed
@Path("/console/datasets/{name}/queries")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class QueryPages {

  private final DatasetResource datasets;
  private final Visit visit;

  QueryPages(DatasetResource datasets, Visit visit) {
    this.datasets = datasets;
    this.visit = visit;
  }

  /**
   * Queries, a part of them.
   *
   * @param dataset that has them
   * @param queries in order of their ids
   * @param set only those of it; empty for all
   * @param split only those of it; empty for all
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(
      String dataset, List<QueryItem> queries, String set, String split, String next, String csv) {}

  /** A row of the file: one member's answer to one query. */
  private record Answered(QueryItem query, String member, QueryItem.OutcomeItem outcome) {}

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @PathParam("name") String name,
      @QueryParam("cursor") String cursor,
      @QueryParam("set") String set,
      @QueryParam("split") String split)
      throws SQLException {
    Map<String, String> asked = asked(set, split);
    Page<QueryItem> page = page(name, "20", Asked.given(cursor), asked);
    String path = "/datasets/%s/queries".formatted(Curl.encoded(name));
    Curl call =
        Curl.get("This list", visit.base(), "/api/v1" + path, Asked.with(asked, "cursor", cursor));
    return Templates.queries(
        visit.frame(Section.DATASETS, "Queries of " + name, call),
        new Listing(
            name,
            page.items(),
            Asked.shown(set),
            Asked.shown(split),
            page.nextCursor() == null
                ? null
                : "/console" + path + Curl.query(Asked.with(asked, "cursor", page.nextCursor())),
            "/console" + path + "/~csv" + Curl.query(asked)));
  }

  /** Lists all answers as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(
      @PathParam("name") String name,
      @QueryParam("set") String set,
      @QueryParam("split") String split) {
    Map<String, String> asked = asked(set, split);
    return Csv.<Answered>of(
        "queries",
        List.of(
            "id",
            "set",
            "split",
            "query",
            "reference",
            "member",
            "score",
            "cost",
            "latency",
            "confidence",
            "response"),
        cursor -> {
          try {
            Page<QueryItem> page = page(name, "200", cursor, asked);
            return new Csv.Part<>(
                page.items().stream()
                    .flatMap(
                        query ->
                            query.models().entrySet().stream()
                                .map(its -> new Answered(query, its.getKey(), its.getValue())))
                    .toList(),
                page.nextCursor());
          } catch (SQLException e) {
            throw new IllegalStateException("The queries cannot be read", e);
          }
        },
        row ->
            Arrays.asList(
                row.query().id(),
                row.query().dataset(),
                row.query().split(),
                row.query().query(),
                row.query().reference(),
                row.member(),
                row.outcome().score(),
                row.outcome().cost(),
                row.outcome().latency(),
                row.outcome().confidence(),
                row.outcome().response()));
  }

  private Page<QueryItem> page(String name, String limit, String cursor, Map<String, String> asked)
      throws SQLException {
    return datasets.queries(name, limit, cursor, asked.get("set"), asked.get("split"));
  }

  private static Map<String, String> asked(String set, String split) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("set", Asked.given(set));
    asked.put("split", Asked.given(split));
    return asked;
  }
}
