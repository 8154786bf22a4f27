package dev.tutti.router.api.openai;

import dev.tutti.router.access.Needs;
import dev.tutti.router.answer.ServedNames;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** OpenAI's list of models: what may stand in {@code model}, ensembles included. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelsResource {

  private final ServedNames names;

  ModelsResource(ServedNames names) {
    this.names = names;
  }

  /** A list in OpenAI's form. */
  public record Models(String object, List<ListedModel> data) {}

  /** Everything that is served, by name, aliases too. */
  @Needs
  @GET
  public Models list() {
    return new Models("list", names.list().stream().map(ListedModel::of).toList());
  }

  /** One name; a slash in it may be encoded, and need not be. */
  @Needs
  @GET
  @Path("{id:.+}")
  public ListedModel get(@PathParam("id") String id) {
    return ListedModel.of(names.find(id));
  }
}
