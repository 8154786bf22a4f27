package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.Lifecycles;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.EntryResource;
import dev.tutti.registry.api.LifecycleStep;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.Problems;
import dev.tutti.registry.api.RollBack;
import dev.tutti.registry.v1.Lifecycle;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the pages of models and the pages of ensembles have in common. */
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public abstract class EntryPages extends VersionPages {

  /** What is no name, as the REST has it: what begins with ~ is a page of its own. */
  static final String NEW = "/~new";

  static final String CSV = "/~csv";

  /** Rows of a page of a list. */
  static final String LIMIT = "50";

  private final Kind kind;
  private final EntryResource rest;
  private final Visit visit;
  private final ObjectMapper json;

  EntryPages(Section section, Kind kind, EntryResource rest, Visit visit, ObjectMapper json) {
    super(section, kind, rest, visit, json);
    this.kind = kind;
    this.rest = rest;
    this.visit = visit;
    this.json = json;
  }

  /** Registers something. */
  abstract Response create(ObjectNode document, String validateOnly, String user)
      throws JsonProcessingException;

  /** Replaces something. */
  abstract Response replace(
      String name, ObjectNode document, String ifMatch, String validateOnly, String user)
      throws JsonProcessingException;

  /** The body of the REST that a form says. */
  abstract ObjectNode document(Form form);

  /** The form. */
  abstract TemplateInstance form(Frame frame, Draft draft);

  /** What a field of the form says of an entry. */
  abstract String typed(Entry entry, String field);

  /** The page of one. */
  abstract TemplateInstance page(Frame frame, EntryView view);

  private String pages() {
    return "/console/" + kind.plural();
  }

  /** Shows one. */
  @GET
  @Path("/{name}")
  public TemplateInstance show(
      @PathParam("name") String name,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    Entry entry = newest(name, request);
    Page<Entry> found = rest.versions(entry.name(), "20", cursor);
    String path = restPath(entry.name());
    var calls = new ArrayList<Curl>();
    calls.add(Curl.get("Read it", visit.base(), path, Map.of()));
    calls.add(Curl.get("Its versions", visit.base(), path + "/versions", Map.of()));
    List<Lifecycle> steps = Lifecycles.next(entry.lifecycle()).stream().sorted().toList();
    for (Lifecycle step : steps) {
      String word = ContractEnums.word(step);
      calls.add(
          change(
              "Make it " + word, entry, "/lifecycle", "{\"lifecycle\": \"%s\"}".formatted(word)));
    }
    String more =
        found.nextCursor() == null
            ? null
            : "%s?cursor=%s".formatted(Shown.href(entry), Curl.encoded(found.nextCursor()));
    var view =
        new EntryView(
            entry,
            steps,
            EntryView.Version.all(found.items(), v -> version(entry.name(), v), json),
            more);
    return page(visit.frame(section(), entry.name(), calls), view);
  }

  /** Moves one to another point of its life. */
  @POST
  @Path("/{name}/lifecycle")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response move(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user) {
    Lifecycle to = ContractEnums.words(Lifecycle.class).get(form.typed("lifecycle"));
    rest.move(name, new LifecycleStep(to), form.ifMatch(), null, user);
    return there(name);
  }

  /** Gives one the content of an earlier version. */
  @POST
  @Path("/{name}/rollback")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response rollBack(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user) {
    rest.rollBack(name, new RollBack(form.number("to")), form.ifMatch(), null, user);
    return there(name);
  }

  /** Throws a draft away. */
  @POST
  @Path("/{name}/delete")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response delete(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user) {
    rest.delete(name, form.ifMatch(), null, user);
    return Response.seeOther(URI.create(pages())).build();
  }

  /** The form that changes one. */
  @GET
  @Path("/{name}/edit")
  public TemplateInstance edit(@PathParam("name") String name, @Context Request request) {
    Entry entry = newest(name, request);
    var draft =
        new Draft(
            entry.name(),
            entry.version(),
            field -> typed(entry, field),
            null,
            null,
            List.of(),
            null);
    Curl call = Curl.get("Read it", visit.base(), restPath(entry.name()), Map.of());
    return form(visit.frame(section(), "Change " + entry.name(), call), draft);
  }

  /**
   * Registers one, where the field {@code step} says {@code save}; shows what would be registered
   * where it says anything else, or only the form again where it says {@code find}. What is refused
   * is told in the form.
   */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response register(Form form, @HeaderParam("X-Tutti-User") String user) {
    return submit(null, form, user);
  }

  /** Replaces one, or only checks it. */
  @POST
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response replace(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user) {
    return submit(name, form, user);
  }

  private Response submit(String name, Form form, String user) {
    boolean save = form.typed("step").equals("save");
    boolean asked = !form.typed("step").equals("find");
    String validateOnly = Boolean.toString(!save);
    ObjectNode document = document(form);
    if (name != null) {
      document.put("name", name);
    }
    Problem problem = null;
    Entry checked = null;
    var warnings = new ArrayList<String>();
    try {
      if (asked) {
        Response answer =
            name == null
                ? create(document, validateOnly, user)
                : replace(name, document, form.ifMatch(), validateOnly, user);
        checked = (Entry) answer.getEntity();
        answer
            .getHeaders()
            .getOrDefault("X-Tutti-Warning", List.of())
            .forEach(w -> warnings.add(w.toString()));
      }
    } catch (RefusedException e) {
      problem = Problem.of(e.refusal());
    } catch (JsonProcessingException e) {
      problem = Problem.of(Problems.refusal(e));
    }
    if (save && problem == null) {
      return there(checked.name());
    }
    String title =
        name == null
            ? "Register %s %s".formatted(kind == Kind.ENSEMBLE ? "an" : "a", kind.word())
            : "Change " + name;
    Long version = form.number("version");
    Curl call =
        Curl.change(
            "The same as a call",
            visit.base(),
            name == null ? "POST" : "PUT",
            name == null ? restPath() : restPath(name),
            version,
            document.toPrettyString());
    var draft =
        new Draft(name, version, form::typed, problem, checked, warnings, document.toString());
    return Html.of(problem, form(visit.frame(section(), title, call), draft));
  }

  /** A document as the REST would read it. */
  <T extends Entry> T read(ObjectNode document, Class<T> type) throws JsonProcessingException {
    return json.treeToValue(document, type);
  }

  /** A version; null where there is none of this number. */
  private Entry version(String name, long version) {
    try {
      return rest.version(name, version);
    } catch (RefusedException e) {
      if (e.refusal() instanceof Refusal.NotFound) {
        return null;
      }
      throw e;
    }
  }

  private Response there(String name) {
    return Response.seeOther(URI.create(pages() + "/" + Curl.encoded(name))).build();
  }
}
