package dev.tutti.registry.api;

import dev.tutti.registry.Refusal;
import dev.tutti.registry.admin.ComparisonAdmin;
import dev.tutti.registry.admin.ComparisonAdmin.Version;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST that holds what fits made against each other, whatever service and method they are of. */
@Path("/api/v1/comparisons")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "learning")
public class ComparisonResource {

  private static final int MOST = 8;

  private final ComparisonAdmin comparisons;

  ComparisonResource(ComparisonAdmin comparisons) {
    this.comparisons = comparisons;
  }

  /** Versions of any services side by side. */
  @GET
  @Operation(
      operationId = "compareVersions",
      summary = "Tells versions of artifacts of any services side by side",
      description =
          "On the queries that they held out of one dataset, which are the same where split, seed and holdout are; beside them"
              + " what each member alone and the best answer of each query are worth there.")
  @APIResponse(responseCode = "200", description = "The comparison.")
  @APIResponse(responseCode = "400", description = "A wrong parameter.")
  @APIResponse(responseCode = "404", description = "There is no such service or version.")
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ComparisonItem compare(
      @QueryParam("versions")
          @Parameter(
              description =
                  "2 to 8 different ones with commas between, SERVICE/NAME/NUMBER each; the first is what the others are held"
                      + " against, e.g. router-service/tasks-knn/2,cascade-service/tasks-cascade/1.")
          String versions) {
    List<Version> asked =
        versions == null
            ? List.of()
            : Arrays.stream(versions.split(",", MOST + 1))
                .map(ComparisonResource::version)
                .distinct()
                .toList();
    if (asked.size() < 2 || asked.size() > MOST) {
      throw Refusal.malformed(
          "versions",
          "versions must be 2 to %d different ones, with commas between: versions=router-service/a/1,router-service/a/2."
              .formatted(MOST));
    }
    return ComparisonItem.of(comparisons.compare(asked));
  }

  private static Version version(String text) {
    int first = text.indexOf('/');
    int last = text.lastIndexOf('/');
    String number = text.substring(last + 1);
    if (first < 1 || last == first + 1 || last == first || !number.matches("[1-9][0-9]{0,8}")) {
      throw Refusal.malformed(
          "versions",
          "versions holds '%s'; SERVICE/NAME/NUMBER is allowed."
              .formatted(Parameters.text("versions", text)));
    }
    return new Version(
        text.substring(0, first), text.substring(first + 1, last), Integer.parseInt(number));
  }
}
