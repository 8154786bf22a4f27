package dev.tutti.registry.console;

import dev.tutti.registry.api.Problem;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Answers that are pages. */
final class Html {

  /** What they are. */
  static final MediaType TYPE = MediaType.TEXT_HTML_TYPE.withCharset("UTF-8");

  private Html() {}

  /** A page. */
  static Response of(TemplateInstance page) {
    return of(null, page);
  }

  /**
   * A page, with the status of what was refused.
   *
   * @param problem null for none
   */
  static Response of(Problem problem, TemplateInstance page) {
    return Response.status(problem == null ? Response.Status.OK.getStatusCode() : problem.status())
        .type(TYPE)
        .entity(page.render())
        .build();
  }
}
