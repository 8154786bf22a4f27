package dev.tutti.router.api.admin;

import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.Comparisons;
import dev.tutti.router.api.openai.ApiException;
import dev.tutti.router.api.openai.Bodies;
import dev.tutti.router.api.openai.JsonFields;
import dev.tutti.router.api.openai.QueryParameters;
import dev.tutti.router.decision.ShadowReport;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What fits made: versions, which of them is active, how they compare. Ours. */
@Path("/v1/artifacts")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ArtifactResource {

  private static final int MOST_COMPARED = 8;

  private final Artifacts artifacts;
  private final Comparisons comparisons;
  private final ShadowReport shadows;
  private final Bodies bodies;

  ArtifactResource(
      Artifacts artifacts, Comparisons comparisons, ShadowReport shadows, Bodies bodies) {
    this.artifacts = artifacts;
    this.comparisons = comparisons;
    this.shadows = shadows;
    this.bodies = bodies;
  }

  /** All artifacts. */
  @GET
  public ArtifactJson.Listing list(@Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return new ArtifactJson.Listing(
        "list", artifacts.list().stream().map(ArtifactJson.Summary::of).toList());
  }

  /** One artifact. */
  @GET
  @Path("{name}")
  public ArtifactJson.Whole find(@PathParam("name") String name) {
    return ArtifactJson.Whole.of(artifacts.find(name));
  }

  /** One version. */
  @GET
  @Path("{name}/versions/{version}")
  public Object version(@PathParam("name") String name, @PathParam("version") String version) {
    return ArtifactJson.Version.of(
        artifacts.find(name, QueryParameters.number("version", version)));
  }

  /** Lets a version answer. */
  @POST
  @Path("{name}/activate")
  @Consumes(MediaType.APPLICATION_JSON)
  public ArtifactJson.Whole activate(
      @PathParam("name") String name, InputStream body, @HeaderParam(Caller.HEADER) String user) {
    return ArtifactJson.Whole.of(artifacts.activate(name, version(body), Caller.author(user)));
  }

  /** Lets the version answer again that did before. */
  @POST
  @Path("{name}/rollback")
  public ArtifactJson.Whole rollBack(
      @PathParam("name") String name, @HeaderParam(Caller.HEADER) String user) {
    return ArtifactJson.Whole.of(artifacts.rollBack(name, Caller.author(user)));
  }

  /** Versions side by side. */
  @GET
  @Path("{name}/compare")
  public ArtifactJson.Comparison compare(
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
    Comparisons.Comparison compared =
        comparisons.compare(asked.stream().map(v -> new Comparisons.Version(name, v)).toList());
    return new ArtifactJson.Comparison(
        "artifact.comparison",
        name,
        compared.versions().stream().map(ArtifactJson.Version::of).toList(),
        compared.pairings().stream().map(ArtifactJson.Pair::of).toList());
  }

  /** Puts a version in shadow. */
  @PUT
  @Path("{name}/shadow")
  @Consumes(MediaType.APPLICATION_JSON)
  public ArtifactJson.Whole shadow(
      @PathParam("name") String name, InputStream body, @HeaderParam(Caller.HEADER) String user) {
    return ArtifactJson.Whole.of(artifacts.shadow(name, version(body), Caller.author(user)));
  }

  /** Takes it out again. */
  @DELETE
  @Path("{name}/shadow")
  public ArtifactJson.Whole unshadow(
      @PathParam("name") String name, @HeaderParam(Caller.HEADER) String user) {
    return ArtifactJson.Whole.of(artifacts.unshadow(name, Caller.author(user)));
  }

  /** What it chose; of a version that left the shadow too, where one is named. */
  @GET
  @Path("{name}/shadow")
  public ArtifactJson.Shadow report(
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
    return ArtifactJson.Shadow.of(name, its, report);
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
}
