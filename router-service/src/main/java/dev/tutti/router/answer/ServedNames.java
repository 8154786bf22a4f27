package dev.tutti.router.answer;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.access.Caller;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Prices;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** The names that may be asked, aliases too. */
@ApplicationScoped
public class ServedNames {

  private final KnownNames names;
  private final Embeddings embeddings;

  ServedNames(KnownNames names, Embeddings embeddings) {
    this.names = names;
    this.embeddings = embeddings;
  }

  /**
   * A name that may be asked.
   *
   * @param called the name, or an alias
   * @param own its own name
   * @param created when it was registered, seconds since 1970; 0 for what needs no registration
   * @param capabilities what it can do; of an ensemble what it gives as a member
   * @param contextLength longest prompt plus completion, tokens; empty where it is not known, and
   *     for ensembles
   * @param prices of a model; what an ensemble costs is its members'
   */
  public record Served(
      String called,
      String own,
      long created,
      List<Capability> capabilities,
      OptionalInt contextLength,
      Optional<Prices> prices) {

    private Served as(String alias) {
      return new Served(alias, own, created, capabilities, contextLength, prices);
    }
  }

  /**
   * Everything that is served and that who asks may ask, by name.
   *
   * @throws dev.tutti.kit.grpc.FailureException while the registry has never been reached
   */
  public List<Served> list() {
    Directory directory =
        names
            .directory()
            .orElseThrow(
                () ->
                    new Failure.Unavailable(
                            "REGISTRY_UNREACHABLE", "The registry has not been reached yet.")
                        .exception());
    var served = new TreeMap<String, Served>();
    for (Entry entry : directory.served()) {
      served.put(entry.name(), served(entry, directory.created(entry.name())));
    }
    directory.aliases().forEach((alias, own) -> served.put(alias, served.get(own).as(alias)));
    served.putIfAbsent(embeddings.ownModel(), embedder());
    return served.values().stream().filter(its -> Caller.current().mayAsk(its.own())).toList();
  }

  /**
   * What is served under a name.
   *
   * @throws dev.tutti.kit.grpc.FailureException where nothing is, or who asks may not ask it
   */
  public Served find(String name) {
    Optional<Directory> directory = names.directory();
    if (name.equals(embeddings.ownModel()) && directory.flatMap(d -> d.find(name)).isEmpty()) {
      Caller.current().requireMayAsk(name);
      return embedder();
    }
    Entry entry = names.resolve(name);
    Caller.current().requireMayAsk(entry.name());
    return served(entry, directory.map(d -> d.created(entry.name())).orElse(0L)).as(name);
  }

  /** The decoder's own embedding model, which is free. */
  private Served embedder() {
    String own = embeddings.ownModel();
    return new Served(
        own,
        own,
        0,
        List.of(Capability.CAPABILITY_EMBEDDING),
        OptionalInt.empty(),
        Optional.of(Prices.getDefaultInstance()));
  }

  private static Served served(Entry entry, long created) {
    return switch (entry) {
      case Entry.Single single ->
          new Served(
              single.name(),
              single.name(),
              created,
              single.member().getCapabilitiesList(),
              single.member().hasContextLength()
                  ? OptionalInt.of(single.member().getContextLength())
                  : OptionalInt.empty(),
              Optional.of(single.member().getPrices()));
      case Entry.Elsewhere ensemble ->
          switch (ensemble.family()) {
            case FAMILY_TOKEN ->
                ensemble(
                    ensemble,
                    created,
                    Capability.CAPABILITY_GENERATION,
                    Capability.CAPABILITY_LOGPROBS);
            default -> ensemble(ensemble, created, Capability.CAPABILITY_GENERATION);
          };
      case Entry.Routed ensemble -> ensemble(ensemble, created, Capability.CAPABILITY_GENERATION);
      case Entry.Unserved unserved -> throw unserved.why().exception();
    };
  }

  private static Served ensemble(Entry entry, long created, Capability... capabilities) {
    return new Served(
        entry.name(),
        entry.name(),
        created,
        List.of(capabilities),
        OptionalInt.empty(),
        Optional.empty());
  }
}
