package dev.tutti.registry.console;

import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.DatasetItem;
import dev.tutti.registry.api.DatasetResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.PartnersItem;
import dev.tutti.registry.api.PartnersResource;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pages of datasets: recorded outcomes, to learn from. */
@Browsed
@Path("/console/datasets")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class DatasetPages {

  private static final String PAGES = "/console/datasets";
  private static final String REST = "/api/v1/datasets";

  private final DatasetResource datasets;
  private final PartnersResource partners;
  private final Visit visit;

  DatasetPages(DatasetResource datasets, PartnersResource partners, Visit visit) {
    this.datasets = datasets;
    this.partners = partners;
    this.visit = visit;
  }

  /** Lists them. */
  @GET
  public TemplateInstance list(@QueryParam("cursor") String cursor) throws SQLException {
    Page<DatasetItem> page = datasets.list("50", Asked.given(cursor));
    Map<String, String> asked = new HashMap<>();
    asked.put("cursor", Asked.given(cursor));
    return Templates.datasets(
        visit.frame(
            Section.DATASETS,
            "Datasets",
            Curl.get("This list", visit.base(), REST, asked),
            new Curl(
                "Import lines",
                "curl -s -X POST '%s%s/NAME/imports' -H 'Content-Type: application/x-ndjson' --data-binary @outcomes.jsonl"
                    .formatted(visit.base(), REST))),
        page.items(),
        page.nextCursor() == null ? null : PAGES + "?cursor=" + Curl.encoded(page.nextCursor()));
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv() {
    return Csv.<DatasetItem>of(
        "datasets",
        List.of("name", "revision", "queries", "cost_unit", "updated_at", "fingerprint"),
        cursor -> {
          try {
            Page<DatasetItem> page = datasets.list("200", cursor);
            return new Csv.Part<>(page.items(), page.nextCursor());
          } catch (SQLException e) {
            throw new IllegalStateException("The datasets cannot be listed", e);
          }
        },
        d ->
            List.of(
                d.name(),
                d.revision(),
                d.queries(),
                ContractEnums.word(d.costUnit()),
                d.updatedAt(),
                d.fingerprint()));
  }

  /** Shows one. */
  @GET
  @Path("/{name}")
  public TemplateInstance show(@PathParam("name") String name, @Context Request request)
      throws SQLException {
    DatasetItem dataset = whole(name, request);
    String path = REST + "/" + Curl.encoded(name);
    return Templates.dataset(
        visit.frame(
            Section.DATASETS,
            name,
            Curl.get("Read it", visit.base(), path, Map.of()),
            Curl.get("Read its queries", visit.base(), path + "/queries", Map.of()),
            Curl.change("Delete it", visit.base(), "DELETE", path, dataset.revision(), null)),
        dataset);
  }

  /** Its members as CSV. */
  @GET
  @Path("/{name}/members.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response members(@PathParam("name") String name, @Context Request request)
      throws SQLException {
    DatasetItem dataset = whole(name, request);
    return Csv.<DatasetItem.Member>of(
        "members",
        List.of("name", "outcomes", "coverage", "mean_score"),
        _ -> new Csv.Part<>(dataset.members(), null),
        m -> List.of(m.name(), m.outcomes(), m.coverage(), m.meanScore()));
  }

  /** Its sets and splits as CSV. */
  @GET
  @Path("/{name}/slices.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response slices(@PathParam("name") String name, @Context Request request)
      throws SQLException {
    DatasetItem dataset = whole(name, request);
    return Csv.<DatasetItem.Slice>of(
        "slices",
        List.of("set", "split", "queries"),
        _ -> new Csv.Part<>(dataset.slices(), null),
        s -> List.of(s.set(), s.split(), s.queries()));
  }

  /** Who may write together token by token; reads the whole part of the dataset. */
  @GET
  @Path("/{name}/partners")
  public TemplateInstance partners(
      @PathParam("name") String name,
      @QueryParam("member") List<String> member,
      @QueryParam("set") String set,
      @QueryParam("split") String split,
      @QueryParam("within") String within,
      @QueryParam("style_ratio") String styleRatio)
      throws SQLException {
    Map<String, String> asked = asked(String.join(",", member), set, split, within, styleRatio);
    PartnersItem found = found(name, asked);
    return Templates.partners(
        visit.frame(
            Section.DATASETS,
            "Who may write together",
            Curl.get(
                "This advice", visit.base(), REST + "/" + Curl.encoded(name) + "/partners", asked)),
        found,
        "%s/%s/partners.csv%s".formatted(PAGES, Curl.encoded(name), Curl.query(asked)));
  }

  /** The same as CSV. */
  @GET
  @Path("/{name}/partners.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response partnersCsv(
      @PathParam("name") String name,
      @QueryParam("members") String members,
      @QueryParam("set") String set,
      @QueryParam("split") String split,
      @QueryParam("within") String within,
      @QueryParam("style_ratio") String styleRatio)
      throws SQLException {
    PartnersItem found = found(name, asked(members, set, split, within, styleRatio));
    return Csv.<PartnersItem.Member>of(
        "partners",
        List.of("member", "partner", "score", "gap", "characters", "lines", "reason"),
        _ -> new Csv.Part<>(found.items(), null),
        m ->
            Arrays.asList(
                m.member(),
                m.partner(),
                m.score(),
                m.gap(),
                m.characters(),
                m.lines(),
                m.reason()));
  }

  private PartnersItem found(String name, Map<String, String> asked) throws SQLException {
    return partners.partners(
        name,
        asked.get("members"),
        asked.get("set"),
        asked.get("split"),
        asked.get("within"),
        asked.get("style_ratio"));
  }

  private static Map<String, String> asked(
      String members, String set, String split, String within, String styleRatio) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("members", Asked.given(members));
    asked.put("set", Asked.given(set));
    asked.put("split", Asked.given(split));
    asked.put("within", Asked.given(within));
    asked.put("style_ratio", Asked.given(styleRatio));
    return asked;
  }

  /** Deletes one. */
  @POST
  @Path("/{name}/delete")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response delete(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    datasets.delete(name, form.ifMatch(), user);
    return Response.seeOther(URI.create(PAGES)).build();
  }

  private DatasetItem whole(String name, Request request) throws SQLException {
    return (DatasetItem) datasets.get(name, request).getEntity();
  }
}
