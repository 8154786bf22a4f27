package dev.tutti.registry.api;

import dev.tutti.learning.v1.ArtifactSummary;
import dev.tutti.learning.v1.VersionReference;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.admin.LearningAdmin;
import dev.tutti.registry.neighbour.Services;
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
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of what fits made: versions, which of them answers, how they compare. */
@Path("/api/v1/artifacts")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "learning", description = "Learning from recorded outcomes, and what it made.")
public class ArtifactResource {

  private static final int MOST_COMPARED = 8;
  private static final String LIST = "artifacts";
  private static final String ABSENT = "There is no such service, artifact or version.";
  private static final String REFUSED =
      "A wrong body or parameter, or what the service refuses: `detail` says why.";

  private final LearningAdmin learning;

  ArtifactResource(LearningAdmin learning) {
    this.learning = learning;
  }

  /** Lists them by service and name. */
  @GET
  @Operation(
      operationId = "listArtifacts",
      summary = "Lists the artifacts of all services, by service and name",
      description =
          "Without `service`, one that cannot be asked is named in `unavailable` and the rest is told.")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "404", description = "There is no such service.")
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public GatheredPage<ArtifactItem> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("service") @Parameter(description = "Only those of this service.")
          String service) {
    int size = Parameters.limit(limit);
    Services.Answers<List<ArtifactSummary>> told =
        service == null
            ? learning.artifacts()
            : new Services.Answers<>(Map.of(service, learning.artifacts(service)), List.of());
    List<ArtifactItem> all =
        told.answers().entrySet().stream()
            .flatMap(its -> its.getValue().stream().map(a -> ArtifactItem.brief(its.getKey(), a)))
            .toList();
    Page<ArtifactItem> page = Page.part(all, LIST, ArtifactResource::place, size, cursor);
    return GatheredPage.of(page.items(), page.nextCursor(), told.unavailable());
  }

  private static String place(ArtifactItem item) {
    // A space comes before whatever a name may hold.
    return item.service() + " " + item.name();
  }

  /** Tells one. */
  @GET
  @Path("/{service}/{name}")
  @Operation(
      operationId = "getArtifact",
      summary = "Tells an artifact with its versions and what was switched")
  @APIResponse(responseCode = "200", description = "The artifact.")
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ArtifactItem get(@PathParam("service") String service, @PathParam("name") String name) {
    return ArtifactItem.whole(service, learning.artifact(service, name));
  }

  /** Tells one version. */
  @GET
  @Path("/{service}/{name}/versions/{version}")
  @Operation(operationId = "getArtifactVersion", summary = "Tells one version of an artifact")
  @APIResponse(responseCode = "200", description = "The version.")
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ArtifactItem.Version version(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @PathParam("version") int version) {
    return ArtifactItem.Version.of(learning.version(service, name, version));
  }

  /** Lets a version answer. */
  @POST
  @Path("/{service}/{name}/activate")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "activateArtifact",
      summary = "Lets a version answer",
      description = "On every replica of its service within two seconds.")
  @APIResponse(responseCode = "200", description = "The artifact as it is now.")
  @APIResponse(responseCode = "400", description = REFUSED)
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ArtifactItem activate(
      @PathParam("service") String service,
      @PathParam("name") String name,
      VersionChoice choice,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return ArtifactItem.whole(
        service, learning.activate(service, name, number(choice), Parameters.author(user)));
  }

  /** Lets the version answer again that did before. */
  @POST
  @Path("/{service}/{name}/rollback")
  @Operation(
      operationId = "rollBackArtifact",
      summary = "Lets the version answer again that did before the present one was activated")
  @APIResponse(responseCode = "200", description = "The artifact as it is now.")
  @APIResponse(responseCode = "400", description = REFUSED)
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ArtifactItem rollBack(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return ArtifactItem.whole(service, learning.rollBack(service, name, Parameters.author(user)));
  }

  /** Versions side by side. */
  @GET
  @Path("/{service}/{name}/compare")
  @Operation(
      operationId = "compareArtifacts",
      summary = "Tells versions side by side",
      description =
          "Of this artifact, or of others of the same service, also of other methods: each pair on the queries that both held"
              + " out.")
  @APIResponse(responseCode = "200", description = "The comparison.")
  @APIResponse(responseCode = "400", description = REFUSED)
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ComparisonItem compare(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @QueryParam("versions")
          @Parameter(
              description =
                  "2 to 8 different ones with commas between, the first is what the others are held against: numbers of this"
                      + " artifact's, or NAME/NUMBER of another's, e.g. 1,2,tasks-mf/1.")
          String versions) {
    List<VersionReference> asked =
        versions == null
            ? List.of()
            : Arrays.stream(versions.split(",", MOST_COMPARED + 1))
                .map(text -> reference(name, text))
                .distinct()
                .toList();
    if (asked.size() < 2 || asked.size() > MOST_COMPARED) {
      throw Refusal.malformed(
          "versions",
          "versions must be 2 to %d different ones, with commas between: versions=1,2."
              .formatted(MOST_COMPARED));
    }
    return ComparisonItem.of(service, learning.compare(service, asked));
  }

  private static VersionReference reference(String name, String text) {
    int slash = text.lastIndexOf('/');
    String number = text.substring(slash + 1);
    try {
      if (number.startsWith("-") || number.startsWith("+")) {
        throw new NumberFormatException(number);
      }
      return VersionReference.newBuilder()
          .setName(slash < 0 ? name : text.substring(0, slash))
          .setVersion(Integer.parseInt(number))
          .build();
    } catch (NumberFormatException e) {
      throw Refusal.malformed(
          "versions",
          "versions holds '%s'; allowed are a number, or NAME/NUMBER of another artifact."
              .formatted(Parameters.text("versions", text)));
    }
  }

  /** Puts a version in shadow. */
  @PUT
  @Path("/{service}/{name}/shadow")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "shadowArtifact",
      summary = "Puts a version in shadow",
      description = "It decides beside the active one, and only the record tells what.")
  @APIResponse(responseCode = "200", description = "The artifact as it is now.")
  @APIResponse(responseCode = "400", description = REFUSED)
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ArtifactItem shadow(
      @PathParam("service") String service,
      @PathParam("name") String name,
      VersionChoice choice,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return ArtifactItem.whole(
        service, learning.shadow(service, name, number(choice), Parameters.author(user)));
  }

  /** Takes it out again. */
  @DELETE
  @Path("/{service}/{name}/shadow")
  @Operation(
      operationId = "unshadowArtifact",
      summary = "Takes the version in shadow out of it",
      description = "Nothing happens where there is none.")
  @APIResponse(responseCode = "200", description = "The artifact as it is now.")
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ArtifactItem unshadow(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return ArtifactItem.whole(service, learning.unshadow(service, name, Parameters.author(user)));
  }

  /** What it would have done differently. */
  @GET
  @Path("/{service}/{name}/shadow")
  @Operation(
      operationId = "getShadowReport",
      summary = "Tells what a version in shadow would have done differently")
  @APIResponse(responseCode = "200", description = "The report.")
  @APIResponse(responseCode = "400", description = REFUSED)
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ShadowItem shadowReport(
      @PathParam("service") String service,
      @PathParam("name") String name,
      @QueryParam("version")
          @Parameter(
              description =
                  "A version that is or was in shadow; the one that is where it is absent.")
          String version) {
    return ShadowItem.of(
        learning.shadowReport(
            service, name, version == null ? 0 : Parameters.positive("version", version)));
  }

  private static int number(VersionChoice choice) {
    if (choice == null || choice.version() == null) {
      throw Refusal.malformed("version", "version is required.");
    }
    return choice.version();
  }
}
