package dev.tutti.registry.api;

import dev.tutti.registry.Refusal;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Parameter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A query parameter that is misspelt, or given twice, is refused: {@code ?validate_onyl=true} must
 * not store.
 */
@Provider
public class KnownParameters implements ContainerRequestFilter {

  @Context ResourceInfo resource;

  @Override
  public void filter(ContainerRequestContext request) {
    var given = request.getUriInfo().getQueryParameters();
    if (given.isEmpty()) {
      return;
    }
    Map<String, Boolean> known = known();
    given.forEach(
        (name, values) -> {
          if (!known.containsKey(name)) {
            throw Refusal.malformed(
                name,
                "Unknown parameter '%s'; known: %s."
                    .formatted(name, known.isEmpty() ? "none" : String.join(", ", known.keySet())));
          }
          if (values.size() > 1 && !known.get(name)) {
            throw Refusal.malformed(name, "%s is given %d times.".formatted(name, values.size()));
          }
        });
  }

  /** Each by its name, and whether it may be given several times. */
  private Map<String, Boolean> known() {
    var known = new TreeMap<String, Boolean>();
    for (Parameter p : resource.getResourceMethod().getParameters()) {
      QueryParam annotation = p.getAnnotation(QueryParam.class);
      if (annotation != null) {
        known.put(annotation.value(), p.getType() == List.class);
      }
    }
    return known;
  }
}
