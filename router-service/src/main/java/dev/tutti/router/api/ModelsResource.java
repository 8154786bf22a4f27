package dev.tutti.router.api;

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
import java.util.Optional;
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

  /** A list in OpenAI's form. */
  public record Models(String object, List<ListedModel> data) {}

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
    var models = new TreeMap<String, ListedModel>();
    for (Entry entry : directory.served()) {
      models.put(entry.name(), ListedModel.of(entry, directory.created(entry.name())));
    }
    directory.aliases().forEach((alias, own) -> models.put(alias, models.get(own).called(alias)));
    String own = embeddings.ownModel();
    models.putIfAbsent(own, ListedModel.embedder(own));
    return new Models("list", List.copyOf(models.values()));
  }

  /** One name; a slash in it may be encoded, and need not be. */
  @GET
  @Path("{id:.+}")
  public ListedModel get(@PathParam("id") String id) {
    Optional<Directory> directory = names.directory();
    if (id.equals(embeddings.ownModel()) && directory.flatMap(d -> d.find(id)).isEmpty()) {
      return ListedModel.embedder(id);
    }
    Entry entry = names.resolve(id);
    long created = directory.map(d -> d.created(entry.name())).orElse(0L);
    return ListedModel.of(entry, created).called(id);
  }
}
