package dev.tutti.router.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.answer.Embeddings;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.stream.Stream;

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
   */
  public record Model(
      String id, String object, long created, @JsonProperty("owned_by") String ownedBy) {

    static Model of(String id) {
      return new Model(id, "model", 0, "tutti");
    }
  }

  /** A list in OpenAI's form. */
  public record Models(String object, List<Model> data) {}

  /** Everything that is served, by name. */
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
    List<Model> models =
        Stream.concat(
                directory.served().stream().map(Entry::name), Stream.of(embeddings.ownModel()))
            .distinct()
            .sorted()
            .map(Model::of)
            .toList();
    return new Models("list", models);
  }

  /** One name. */
  @GET
  @Path("{id}")
  public Model get(@PathParam("id") String id) {
    return Model.of(id.equals(embeddings.ownModel()) ? id : names.resolve(id).name());
  }
}
