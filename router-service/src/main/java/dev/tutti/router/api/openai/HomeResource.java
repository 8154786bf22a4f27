package dev.tutti.router.api.openai;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What a person sees who opens the front door in a browser. */
@Path("/")
public class HomeResource {

  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head><meta charset="UTF-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
      <meta name="color-scheme" content="light dark"><title>Tutti</title></head>
      <body>
      <h1>Tutti</h1>
      <p>This is the front door, for programs: <a href="/v1/models"><code>/v1/models</code></a> tells what it serves,
      <a href="/q/openapi?format=json"><code>/q/openapi</code></a> how it is called.</p>
      %s</body>
      </html>
      """;

  private final Optional<String> console;

  HomeResource(@ConfigProperty(name = "tutti.router.console") Optional<String> console) {
    this.console = console;
  }

  /** A page with the ways from here. */
  @GET
  @Produces("text/html;charset=UTF-8")
  @Operation(hidden = true)
  public Response home(@Context UriInfo asked) {
    return Response.ok(page(asked.getRequestUri()))
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("X-Content-Type-Options", "nosniff")
        .build();
  }

  /**
   * The page.
   *
   * @param asked by which address: a console that begins with a port is on the same host
   */
  String page(URI asked) {
    return PAGE.formatted(
        console
            .map(its -> its.startsWith(":") ? "http://" + asked.getHost() + its : its)
            .map(HomeResource::escaped)
            .map("<p>For administrators: <a href=\"%1$s\">the console</a>.</p>\n"::formatted)
            .orElse(""));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
  }
}
