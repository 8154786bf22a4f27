package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.api.Problem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;

/** Problems, as the REST tells them, as pages where a page was asked for. */
@Provider
public class ProblemPages implements ContainerResponseFilter {

  private final Visit visit;
  private final ObjectMapper json;

  ProblemPages(Visit visit, ObjectMapper json) {
    this.visit = visit;
    this.json = json;
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response)
      throws IOException {
    String path = request.getUriInfo().getPath();
    if (!path.equals("/console") && !path.startsWith("/console/")) {
      return;
    }
    if (response.getEntity() instanceof byte[] bytes && response.getStatus() >= 400) {
      Problem problem = json.readValue(bytes, Problem.class);
      response.setEntity(
          Templates.problem(visit.frame(null, problem.title()), problem).render(), null, Html.TYPE);
      response.getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
    }
  }
}
