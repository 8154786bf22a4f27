package dev.tutti.registry.api;

import dev.tutti.registry.Author;
import dev.tutti.registry.Entry;
import dev.tutti.registry.IfMatch;
import dev.tutti.registry.Kind;
import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.Registrar;
import dev.tutti.registry.store.EntryFilter;
import dev.tutti.registry.store.RegistryStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import java.util.List;

/** What the REST of models and the REST of ensembles do alike. */
@ApplicationScoped
class EntryEndpoint {

  private final Registrar registrar;
  private final RegistryStore store;

  EntryEndpoint(Registrar registrar, RegistryStore store) {
    this.registrar = registrar;
    this.store = store;
  }

  Page<Entry> list(Kind kind, String limit, String cursor, EntryFilter filter) {
    int size = Parameters.limit(limit);
    String member = filter.member();
    var its =
        new EntryFilter(
            filter.lifecycle(),
            filter.text(),
            filter.method(),
            filter.capability(),
            member.isEmpty() ? member : store.ownName(member).orElse(member));
    List<Entry> found = store.list(kind, its, Cursor.read(kind.plural(), cursor), size + 1);
    return Page.of(found, size, kind.plural(), Entry::name);
  }

  Response get(Kind kind, String name, Request request) {
    Entry entry =
        store.find(kind, ownName(kind, name)).orElseThrow(() -> Registrar.notFound(kind, name));
    EntityTag tag = tag(entry);
    Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
    return unchanged == null ? Response.ok(entry).tag(tag).build() : unchanged.tag(tag).build();
  }

  /** What is no name is nobody's; the database would not even take every character of it. */
  private String ownName(Kind kind, String name) {
    if (!Names.isName(name)) {
      throw Registrar.notFound(kind, name);
    }
    return store.ownName(name).orElse(name);
  }

  Response create(Entry wanted, String validateOnly, String user) {
    Author author = Parameters.author(user);
    boolean dry = Parameters.validateOnly(validateOnly);
    Entry created = registrar.create(present(wanted), author, dry);
    if (dry) {
      return Response.ok(created).build();
    }
    // A slash of the name is no slash of the path.
    return Response.created(
            UriBuilder.fromPath("/api/v1/{kind}/{name}")
                .build(created.kind().plural(), created.name()))
        .entity(created)
        .tag(tag(created))
        .build();
  }

  Response replace(String name, Entry wanted, String ifMatch, String validateOnly, String user) {
    Author author = Parameters.author(user);
    boolean dry = Parameters.validateOnly(validateOnly);
    IfMatch expected = IfMatch.parse(ifMatch);
    return changed(registrar.replace(name, present(wanted), expected, author, dry), dry);
  }

  Response move(
      Kind kind,
      String name,
      LifecycleStep step,
      String ifMatch,
      String validateOnly,
      String user) {
    Author author = Parameters.author(user);
    boolean dry = Parameters.validateOnly(validateOnly);
    IfMatch expected = IfMatch.parse(ifMatch);
    if (step == null || step.lifecycle() == null) {
      throw Refusal.invalid("lifecycle", "lifecycle is required.");
    }
    return changed(registrar.move(kind, name, step.lifecycle(), expected, author, dry), dry);
  }

  Response rollBack(
      Kind kind, String name, RollBack to, String ifMatch, String validateOnly, String user) {
    Author author = Parameters.author(user);
    boolean dry = Parameters.validateOnly(validateOnly);
    IfMatch expected = IfMatch.parse(ifMatch);
    if (to == null || to.version() == null) {
      throw Refusal.invalid("version", "version is required.");
    }
    return changed(registrar.rollBack(kind, name, to.version(), expected, author, dry), dry);
  }

  Response delete(Kind kind, String name, String ifMatch, String validateOnly, String user) {
    Author author = Parameters.author(user);
    boolean dry = Parameters.validateOnly(validateOnly);
    registrar.delete(kind, name, IfMatch.parse(ifMatch), author, dry);
    return Response.noContent().build();
  }

  Page<Entry> versions(Kind kind, String name, String limit, String cursor) {
    String own = ownName(kind, name);
    int size = Parameters.limit(limit);
    String list = kind.plural() + "/" + own;
    long below = Cursor.readNumber(list, cursor);
    List<Entry> found = store.versions(kind, own, below, size + 1);
    if (found.isEmpty() && cursor == null) {
      throw Registrar.notFound(kind, name);
    }
    return Page.of(found, size, list, Entry::version);
  }

  Entry version(Kind kind, String name, long version) {
    return store
        .version(kind, ownName(kind, name), version)
        .orElseThrow(
            () ->
                new Refusal.NotFound(
                        "There is no version %d of %s '%s'.".formatted(version, kind.word(), name))
                    .exception());
  }

  private static Response changed(Entry entry, boolean dry) {
    return dry ? Response.ok(entry).build() : Response.ok(entry).tag(tag(entry)).build();
  }

  private static Entry present(Entry wanted) {
    if (wanted == null) {
      throw Refusal.malformed("body", "The body must be one JSON object.");
    }
    return wanted;
  }

  private static EntityTag tag(Entry entry) {
    return new EntityTag(Long.toString(entry.version()));
  }
}
