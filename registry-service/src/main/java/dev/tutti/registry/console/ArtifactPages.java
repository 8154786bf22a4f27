package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.api.ArtifactItem;
import dev.tutti.registry.api.ArtifactResource;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.GatheredPage;
import dev.tutti.registry.api.MethodList.MissingService;
import dev.tutti.registry.api.ShadowItem;
import dev.tutti.registry.api.VersionChoice;
import dev.tutti.registry.neighbour.Services;
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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The pages of artifacts: what fits made, in all services. */
@Browsed
@Path("/console/artifacts")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class ArtifactPages {

  private static final String PAGES = "/console/artifacts";
  private static final String REST = "/api/v1/artifacts";

  private final ArtifactResource artifacts;
  private final Services services;
  private final Visit visit;
  private final ObjectMapper json;

  ArtifactPages(ArtifactResource artifacts, Services services, Visit visit, ObjectMapper json) {
    this.artifacts = artifacts;
    this.services = services;
    this.visit = visit;
    this.json = json;
  }

  /**
   * A version as the page shows it.
   *
   * @param version itself
   * @param metrics what was measured, by path
   * @param provenance where it comes from, by path
   * @param active whether it answers
   * @param shadow whether it is in shadow
   */
  public record Row(
      ArtifactItem.Version version,
      List<Difference> metrics,
      List<Difference> provenance,
      boolean active,
      boolean shadow) {}

  /**
   * Artifacts, a part of them.
   *
   * @param artifacts by service and name
   * @param missing the services that could not be asked
   * @param services all that may have some
   * @param service only its; empty for all
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(
      List<ArtifactItem> artifacts,
      List<MissingService> missing,
      List<String> services,
      String service,
      String next,
      String csv) {}

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @QueryParam("cursor") String cursor, @QueryParam("service") String service) {
    GatheredPage<ArtifactItem> page =
        artifacts.list("50", Asked.given(cursor), Asked.given(service));
    Map<String, String> asked = new HashMap<>();
    asked.put("service", Asked.given(service));
    Curl call = Curl.get("This list", visit.base(), REST, Asked.with(asked, "cursor", cursor));
    return Templates.artifacts(
        visit.frame(Section.ARTIFACTS, "Fits", call),
        new Listing(
            page.items(),
            page.unavailable(),
            services.names(),
            Asked.shown(service),
            page.nextCursor() == null
                ? null
                : PAGES + Curl.query(Asked.with(asked, "cursor", page.nextCursor())),
            PAGES + "/~csv" + Curl.query(asked)));
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(@QueryParam("service") String service) {
    return Csv.<ArtifactItem>of(
        "artifacts",
        List.of("service", "name", "method", "newest_version", "active_version", "shadow_version"),
        cursor -> Csv.Part.of(artifacts.list("200", cursor, Asked.given(service))),
        a ->
            Arrays.asList(
                a.service(),
                a.name(),
                a.method(),
                a.newestVersion(),
                a.activeVersion(),
                a.shadowVersion()));
  }

  /** Shows one. */
  @GET
  @Path("/{service}/{name}")
  public TemplateInstance show(
      @PathParam("service") String service, @PathParam("name") String name) {
    ArtifactItem artifact = artifacts.get(service, name);
    String path = rest(service, name);
    List<Row> rows =
        artifact.versions().stream()
            .map(
                v ->
                    new Row(
                        v,
                        leaves(v.metrics()),
                        leaves(v.provenance()),
                        Objects.equals(v.version(), artifact.activeVersion()),
                        Objects.equals(v.version(), artifact.shadowVersion())))
            .toList();
    return Templates.artifact(
        visit.frame(
            Section.ARTIFACTS,
            artifact.name(),
            Curl.get("Read it", visit.base(), path, Map.of()),
            Curl.change(
                "Let its newest version answer",
                visit.base(),
                "POST",
                path + "/activate",
                null,
                "{\"version\": %d}".formatted(artifact.newestVersion())),
            Curl.change("Roll back", visit.base(), "POST", path + "/rollback", null, null),
            Curl.change(
                "Put its newest version in shadow",
                visit.base(),
                "PUT",
                path + "/shadow",
                null,
                "{\"version\": %d}".formatted(artifact.newestVersion())),
            Curl.change(
                "Take it out of shadow", visit.base(), "DELETE", path + "/shadow", null, null)),
        artifact,
        rows);
  }

  /** Its versions as CSV. */
  @GET
  @Path("/{service}/{name}/versions.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response versions(@PathParam("service") String service, @PathParam("name") String name) {
    ArtifactItem artifact = artifacts.get(service, name);
    return Csv.<ArtifactItem.Version>of(
        "versions",
        List.of("version", "method", "bytes", "created_at", "created_by", "metrics", "provenance"),
        _ -> new Csv.Part<>(artifact.versions(), null),
        v ->
            List.of(
                v.version(),
                v.method(),
                v.bytes(),
                v.createdAt(),
                v.createdBy(),
                tree(v.metrics()).toString(),
                tree(v.provenance()).toString()));
  }

  /** What a version in shadow would have done differently. */
  @GET
  @Path("/{service}/{name}/shadow")
  public TemplateInstance shadow(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @QueryParam("version") String version) {
    ShadowItem report = artifacts.shadowReport(service, name, Asked.given(version));
    Curl call =
        Curl.get(
            "This report",
            visit.base(),
            rest(service, name) + "/shadow",
            Map.of("version", Integer.toString(report.version())));
    return Templates.shadow(
        visit.frame(Section.ARTIFACTS, "Shadow of " + name, call),
        service,
        report,
        members(report));
  }

  /** Who was chosen, by whom, as CSV. */
  @GET
  @Path("/{service}/{name}/choices.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response choices(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @QueryParam("version") String version) {
    ShadowItem report = artifacts.shadowReport(service, name, Asked.given(version));
    return Csv.<String>of(
        "choices",
        List.of("member", "active", "shadow"),
        _ -> new Csv.Part<>(List.copyOf(members(report)), null),
        m ->
            List.of(
                m,
                report.activeChoices().getOrDefault(m, 0L),
                report.shadowChoices().getOrDefault(m, 0L)));
  }

  /** Where the two chose differently, as CSV. */
  @GET
  @Path("/{service}/{name}/disagreements.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response disagreements(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @QueryParam("version") String version) {
    ShadowItem report = artifacts.shadowReport(service, name, Asked.given(version));
    return Csv.<ShadowItem.Disagreement>of(
        "disagreements",
        List.of("active", "shadow", "decisions"),
        _ -> new Csv.Part<>(report.disagreements(), null),
        d -> List.of(d.active(), d.shadow(), d.decisions()));
  }

  /** What was switched as CSV. */
  @GET
  @Path("/{service}/{name}/changes.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response changes(@PathParam("service") String service, @PathParam("name") String name) {
    ArtifactItem artifact = artifacts.get(service, name);
    return Csv.<ArtifactItem.Change>of(
        "changes",
        List.of("at", "action", "version", "by"),
        _ -> new Csv.Part<>(artifact.changes(), null),
        c -> List.of(c.at(), ContractEnums.word(c.action()), c.version(), c.by()));
  }

  private static Set<String> members(ShadowItem report) {
    var members = new TreeSet<>(report.activeChoices().keySet());
    members.addAll(report.shadowChoices().keySet());
    return members;
  }

  /** Switches: lets a version answer, puts one in shadow or takes it out, rolls back. */
  @POST
  @Path("/{service}/{name}")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response change(
      @PathParam("service") String service,
      @PathParam("name") String name,
      Form form,
      @HeaderParam("X-Tutti-User") String user) {
    Long number = form.number("version");
    var choice = new VersionChoice(number == null ? null : number.intValue());
    switch (form.typed("step")) {
      case "activate" -> artifacts.activate(service, name, choice, user);
      case "rollback" -> artifacts.rollBack(service, name, user);
      case "shadow" -> artifacts.shadow(service, name, choice, user);
      case "unshadow" -> artifacts.unshadow(service, name, user);
      default ->
          throw Refusal.malformed(
              "step", "step must be one of activate, rollback, shadow, unshadow.");
    }
    return Response.seeOther(URI.create(PAGES + path(service, name))).build();
  }

  private List<Difference> leaves(Map<String, Object> document) {
    return Difference.between(null, tree(document));
  }

  private JsonNode tree(Map<String, Object> document) {
    return json.valueToTree(document);
  }

  private static String rest(String service, String name) {
    return REST + path(service, name);
  }

  private static String path(String service, String name) {
    return "/%s/%s".formatted(Curl.encoded(service), Curl.encoded(name));
  }
}
