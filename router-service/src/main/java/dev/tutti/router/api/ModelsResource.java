package dev.tutti.router.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.answer.Embeddings;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.KnownNames;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.TreeMap;

/** OpenAI's list of models: what may stand in {@code model}, ensembles included. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelsResource {

  private final KnownNames names;
  private final Embeddings embeddings;

  ModelsResource(KnownNames names, Embeddings embeddings) {
    this.names = names;
    this.embeddings = embeddings;
  }

  /**
   * A name that may stand in {@code model}.
   *
   * @param created always 0: the registry does not tell when
   * @param root its own name, where {@code id} is an alias
   */
  public record Model(
      String id,
      String object,
      long created,
      @JsonProperty("owned_by") String ownedBy,
      String root) {

    static Model of(String id, String root) {
      return new Model(id, "model", 0, "tutti", root);
    }
  }

  /** A list in OpenAI's form. */
  public record Models(String object, List<Model> data) {}

  /** Everything that is served, by name, aliases too. */
  @GET
  public Models list() {
    Directory directory =
        names
            .directory()
            .orElseThrow(
                () ->
                    new Failure.Unavailable(
                            "REGISTRY_UNREACHABLE", "The registry has not been reached yet.")
                        .exception());
    var roots = new TreeMap<>(directory.aliases());
    roots.putIfAbsent(embeddings.ownModel(), embeddings.ownModel());
    directory.served().forEach(entry -> roots.put(entry.name(), entry.name()));
    return new Models(
        "list", roots.entrySet().stream().map(e -> Model.of(e.getKey(), e.getValue())).toList());
  }

  /** One name; a slash in it may be encoded, and need not be. */
  @GET
  @Path("{id:.+}")
  public Model get(@PathParam("id") String id) {
    return Model.of(
        id, id.equals(embeddings.ownModel()) ? embeddings.ownModel() : names.resolve(id).name());
  }
}
