package dev.tutti.router.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.tutti.router.artifact.ArtifactChange;
import dev.tutti.router.artifact.Artifacts;
import dev.tutti.router.artifact.KeptArtifact;
import dev.tutti.router.decision.ShadowReport;
import dev.tutti.router.evaluation.PairedDifference;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** What fits made: versions, which of them is active, how they compare. Ours. */
@Path("/v1/artifacts")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ArtifactResource {

  private static final int MOST_COMPARED = 8;

  private final Artifacts artifacts;
  private final ShadowReport shadows;
  private final Bodies bodies;

  ArtifactResource(Artifacts artifacts, ShadowReport shadows, Bodies bodies) {
    this.artifacts = artifacts;
    this.shadows = shadows;
    this.bodies = bodies;
  }

  /** A list. */
  public record Listing(String object, List<?> data) {}

  /** An artifact in a list; a version is null where there is none. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Summary(
      String object,
      String name,
      String method,
      int newest_version,
      Integer active_version,
      Integer shadow_version) {

    static Summary of(Artifacts.Summary summary) {
      return new Summary(
          "artifact",
          summary.newest().name(),
          summary.newest().method(),
          summary.newest().version(),
          boxed(summary.active()),
          boxed(summary.shadow()));
    }
  }

  private record Version(
      String object,
      String name,
      int version,
      String method,
      long bytes,
      @JsonRawValue String provenance,
      @JsonRawValue String metrics,
      Instant created_at,
      String created_by) {

    static Version of(KeptArtifact kept) {
      return new Version(
          "artifact.version",
          kept.name(),
          kept.version(),
          kept.method(),
          kept.bytes(),
          kept.provenance(),
          kept.metrics(),
          kept.created(),
          kept.author());
    }
  }

  private record Change(String action, int version, Instant at, String by) {

    static Change of(ArtifactChange change) {
      return new Change(
          change.action().name().toLowerCase(Locale.ROOT),
          change.version(),
          change.at(),
          change.author());
    }
  }

  /** An artifact with its versions, the newest first, and what was switched, the oldest first. */
  public record Whole(
      String object,
      String name,
      String method,
      Integer active_version,
      Integer shadow_version,
      List<?> versions,
      List<?> changes) {

    static Whole of(Artifacts.History history) {
      Summary summary = Summary.of(history.summary());
      return new Whole(
          "artifact",
          summary.name(),
          summary.method(),
          summary.active_version(),
          summary.shadow_version(),
          history.versions().stream().map(Version::of).toList(),
          history.changes().stream().map(Change::of).toList());
    }
  }

  /** Versions side by side. */
  public record Comparison(String object, String name, List<?> versions, List<?> pairs) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Pair(
      int version,
      int base_version,
      boolean comparable,
      String reason,
      Integer queries,
      Double quality_difference,
      Double low,
      Double high,
      Double confidence) {

    static Pair of(Artifacts.Pairing pairing) {
      if (pairing.difference().isEmpty()) {
        return new Pair(
            pairing.version(),
            pairing.base(),
            false,
            pairing.reason(),
            null,
            null,
            null,
            null,
            null);
      }
      PairedDifference its = pairing.difference().get();
      return new Pair(
          pairing.version(),
          pairing.base(),
          true,
          null,
          its.queries(),
          its.mean(),
          its.low(),
          its.high(),
          PairedDifference.CONFIDENCE);
    }
  }

  /** What the version in shadow chose. */
  public record Shadow(
      String object,
      String artifact,
      int version,
      long decisions,
      boolean truncated,
      Double agreement,
      Map<String, Long> active_choices,
      Map<String, Long> shadow_choices,
      Double expected_usd_difference,
      Double quality_difference_by_active,
      Double quality_difference_by_shadow) {}

  /** All artifacts. */
  @GET
  public Listing list(@Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return new Listing("list", artifacts.list().stream().map(Summary::of).toList());
  }

  /** One artifact. */
  @GET
  @Path("{name}")
  public Whole find(@PathParam("name") String name) {
    return Whole.of(artifacts.find(name));
  }

  /** One version. */
  @GET
  @Path("{name}/versions/{version}")
  public Object version(@PathParam("name") String name, @PathParam("version") String version) {
    return Version.of(artifacts.find(name, QueryParameters.number("version", version)));
  }

  /** Lets a version answer. */
  @POST
  @Path("{name}/activate")
  @Consumes(MediaType.APPLICATION_JSON)
  public Whole activate(
      @PathParam("name") String name, InputStream body, @HeaderParam(Caller.HEADER) String user) {
    return Whole.of(artifacts.activate(name, version(body), Caller.author(user)));
  }

  /** Lets the version answer again that did before. */
  @POST
  @Path("{name}/rollback")
  public Whole rollBack(@PathParam("name") String name, @HeaderParam(Caller.HEADER) String user) {
    return Whole.of(artifacts.rollBack(name, Caller.author(user)));
  }

  /** Versions side by side. */
  @GET
  @Path("{name}/compare")
  public Comparison compare(
      @PathParam("name") String name,
      @QueryParam("versions") String versions,
      @Context UriInfo uri) {
    QueryParameters.requireKnown(uri, "versions");
    List<Integer> asked =
        versions == null
            ? List.of()
            : Arrays.stream(versions.split(",", MOST_COMPARED + 1))
                .map(v -> QueryParameters.number("versions", v))
                .distinct()
                .toList();
    if (asked.size() < 2 || asked.size() > MOST_COMPARED) {
      throw ApiException.invalid(
          "invalid_value",
          "versions",
          "versions must be 2 to %d different ones, with commas between: versions=1,2."
              .formatted(MOST_COMPARED));
    }
    Artifacts.Comparison compared = artifacts.compare(name, asked);
    return new Comparison(
        "artifact.comparison",
        name,
        compared.versions().stream().map(Version::of).toList(),
        compared.pairings().stream().map(Pair::of).toList());
  }

  /** Puts a version in shadow. */
  @PUT
  @Path("{name}/shadow")
  @Consumes(MediaType.APPLICATION_JSON)
  public Whole shadow(
      @PathParam("name") String name, InputStream body, @HeaderParam(Caller.HEADER) String user) {
    return Whole.of(artifacts.shadow(name, version(body), Caller.author(user)));
  }

  /** Takes it out again. */
  @DELETE
  @Path("{name}/shadow")
  public Whole unshadow(@PathParam("name") String name, @HeaderParam(Caller.HEADER) String user) {
    return Whole.of(artifacts.unshadow(name, Caller.author(user)));
  }

  /** What it chose; of a version that left the shadow too, where one is named. */
  @GET
  @Path("{name}/shadow")
  public Shadow report(
      @PathParam("name") String name, @QueryParam("version") String version, @Context UriInfo uri) {
    QueryParameters.requireKnown(uri, "version");
    int its =
        version == null
            ? artifacts
                .find(name)
                .summary()
                .shadow()
                .orElseThrow(
                    () ->
                        ApiException.invalid(
                            "no_shadow",
                            "version",
                            "No version of '%s' is in shadow; name one that was."
                                .formatted(QueryParameters.cut(name))))
            : artifacts.find(name, QueryParameters.number("version", version)).version();
    ShadowReport.Report report = shadows.report(name, its);
    boolean any = report.decisions() > 0;
    return new Shadow(
        "artifact.shadow",
        name,
        its,
        report.decisions(),
        report.truncated(),
        any ? (double) report.agreed() / report.decisions() : null,
        report.live(),
        report.shadow(),
        any ? report.usd() : null,
        any ? report.qualityByLive() : null,
        any ? report.qualityByShadow() : null);
  }

  private int version(InputStream body) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    int version =
        fields
            .smallNumber("version")
            .orElseThrow(
                () ->
                    ApiException.invalid(
                        "missing_required_parameter", "version", "version is required."));
    fields.refuseOthers(Map.of());
    return version;
  }

  private static Integer boxed(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }
}
