package dev.tutti.registry.api;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;

/** Says in the OpenAPI description, once for all, that every error is a {@link Problem}. */
@OpenAPIDefinition(
    info = @Info(title = "Tutti registry", version = "1"),
    components = @Components(schemas = @Schema(name = "Problem", implementation = Problem.class)))
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class ProblemsDescribed implements OASFilter {

  @Override
  public void filterOpenAPI(OpenAPI description) {
    description
        .getPaths()
        .getPathItems()
        .values()
        .forEach(path -> path.getOperations().values().forEach(ProblemsDescribed::describe));
  }

  private static void describe(Operation operation) {
    operation
        .getResponses()
        .addAPIResponse(
            "401",
            OASFactory.createAPIResponse()
                .description("Nobody is signed in, and no key of scope admin was brought."))
        .addAPIResponse(
            "403",
            OASFactory.createAPIResponse()
                .description(
                    "The role does not allow it, or the key lacks the scope admin; or a change by a session lacks its token."));
    operation
        .getResponses()
        .getAPIResponses()
        .forEach(
            (status, response) -> {
              if (status.compareTo("400") >= 0 && response.getContent() == null) {
                response.setContent(
                    OASFactory.createContent()
                        .addMediaType(
                            Problem.MEDIA_TYPE,
                            OASFactory.createMediaType()
                                .schema(
                                    OASFactory.createSchema()
                                        .ref("#/components/schemas/Problem"))));
              }
            });
  }
}
