package dev.tutti.registry.console;

import dev.tutti.registry.api.Browsed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;

/** Where the console begins. */
@Browsed
@Path("/console")
public class HomePage {

  /** Leads to the first part. */
  @GET
  public Response first() {
    return Response.seeOther(URI.create(Section.values()[0].href())).build();
  }
}
