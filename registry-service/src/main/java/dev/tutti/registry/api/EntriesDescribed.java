package dev.tutti.registry.api;

import dev.tutti.registry.Kind;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;

/** Says of what {@link EntryResource} describes once whether it is a model or an ensemble. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class EntriesDescribed implements OASFilter {

  private static final String PLACEHOLDER = "ENTRY";

  @Override
  public void filterOpenAPI(OpenAPI description) {
    description
        .getPaths()
        .getPathItems()
        .forEach(
            (path, item) -> {
              for (Kind kind : Kind.values()) {
                if (path.startsWith("/api/v1/" + kind.plural() + "/")) {
                  item.getOperations().values().forEach(operation -> describe(operation, kind));
                }
              }
            });
    description.getComponents().removeSchema("Entry");
    description.getComponents().removeSchema("EntryPage");
  }

  private static void describe(Operation operation, Kind kind) {
    String type = kind.word().substring(0, 1).toUpperCase(Locale.ROOT) + kind.word().substring(1);
    operation.setOperationId(operation.getOperationId().replace(PLACEHOLDER, type));
    operation.setSummary(told(operation.getSummary(), kind));
    operation
        .getResponses()
        .getAPIResponses()
        .values()
        .forEach(
            response -> {
              response.setDescription(told(response.getDescription(), kind));
              if (response.getContent() != null) {
                response.getContent().getMediaTypes().values().forEach(its -> point(its, type));
              }
            });
  }

  private static String told(String text, Kind kind) {
    String an = (kind == Kind.ENSEMBLE ? "an " : "a ") + kind.word();
    return text.replace("one " + PLACEHOLDER, an)
        .replace("such " + PLACEHOLDER, "such " + an)
        .replace(PLACEHOLDER, kind.word());
  }

  private static void point(MediaType media, String type) {
    Schema schema = media.getSchema();
    if (schema != null && schema.getRef() != null) {
      schema.setRef(
          Map.of(
                  "#/components/schemas/Entry", "#/components/schemas/" + type,
                  "#/components/schemas/EntryPage", "#/components/schemas/" + type + "Page")
              .getOrDefault(schema.getRef(), schema.getRef()));
    }
  }
}
