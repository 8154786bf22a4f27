package dev.tutti.registry.api;

import dev.tutti.registry.Refusal;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
    Set<String> known = known();
    given.forEach(
        (name, values) -> {
          if (!known.contains(name)) {
            throw Refusal.malformed(
                name,
                "Unknown parameter '%s'; known: %s."
                    .formatted(name, known.isEmpty() ? "none" : String.join(", ", known)));
          }
          if (values.size() > 1) {
            throw Refusal.malformed(name, "%s is given %d times.".formatted(name, values.size()));
          }
        });
  }

  private Set<String> known() {
    return Arrays.stream(resource.getResourceMethod().getParameters())
        .map((Parameter p) -> p.getAnnotation(QueryParam.class))
        .filter(a -> a != null)
        .map(QueryParam::value)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
