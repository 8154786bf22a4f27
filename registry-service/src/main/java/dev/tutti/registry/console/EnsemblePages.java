package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.EnsembleResource;
import dev.tutti.registry.api.MethodList;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.MethodResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.v1.Lifecycle;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The pages of ensembles. */
@Browsed
@Path("/console/ensembles")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class EnsemblePages extends EntryPages {

  private static final String PAGES = "/console/ensembles";
  private static final String METHODS = "/~methods.csv";
  private static final List<String> COLUMNS =
      List.of(
          "name",
          "method",
          "family",
          "lifecycle",
          "version",
          "members",
          "usd_per_request",
          "usd_per_day",
          "updated_at",
          "description");

  private final EnsembleResource ensembles;
  private final MethodResource methods;
  private final Candidates candidates;

  EnsemblePages(
      EnsembleResource ensembles,
      MethodResource methods,
      Candidates candidates,
      Visit visit,
      ObjectMapper json) {
    super(Section.ENSEMBLES, Kind.ENSEMBLE, ensembles, visit, json);
    this.ensembles = ensembles;
    this.methods = methods;
    this.candidates = candidates;
  }

  /**
   * Ensembles, a part of them.
   *
   * @param ensembles by name
   * @param text that was looked for; empty for none
   * @param lifecycle only those; empty for all
   * @param method only those of it; empty for all
   * @param member only those that have it; empty for all
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(
      List<Ensemble> ensembles,
      String text,
      String lifecycle,
      String method,
      String member,
      String next,
      String csv) {

    /** All words. */
    public Set<String> lifecycles() {
      return ContractEnums.words(Lifecycle.class).keySet();
    }

    /** Whether only some are looked for. */
    public boolean isFiltered() {
      return !(text + lifecycle + method + member).isEmpty();
    }
  }

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @QueryParam("cursor") String cursor,
      @QueryParam("text") String text,
      @QueryParam("lifecycle") String lifecycle,
      @QueryParam("method") String method,
      @QueryParam("member") String member) {
    Map<String, String> asked = asked(text, lifecycle, method, member);
    Page<Entry> page = page(LIMIT, Asked.given(cursor), asked);
    Curl call =
        Curl.get("This list", visit().base(), restPath(), Asked.with(asked, "cursor", cursor));
    return Templates.ensembles(
        visit().frame(section(), "Ensembles", call),
        new Listing(
            page.items().stream().map(Ensemble.class::cast).toList(),
            Asked.shown(text),
            Asked.shown(lifecycle),
            Asked.shown(method),
            Asked.shown(member),
            page.nextCursor() == null
                ? null
                : PAGES + Curl.query(Asked.with(asked, "cursor", page.nextCursor())),
            PAGES + CSV + Curl.query(asked)));
  }

  /** Lists them as CSV. */
  @GET
  @Path(CSV)
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(
      @QueryParam("text") String text,
      @QueryParam("lifecycle") String lifecycle,
      @QueryParam("method") String method,
      @QueryParam("member") String member) {
    Map<String, String> asked = asked(text, lifecycle, method, member);
    return Csv.<Entry>of(
        "ensembles",
        COLUMNS,
        cursor -> {
          Page<Entry> page = page(MOST, cursor, asked);
          return new Csv.Part<>(page.items(), page.nextCursor());
        },
        entry -> cells((Ensemble) entry));
  }

  /**
   * The catalog of methods, or with a method the form that registers an ensemble of it.
   *
   * @param text in a method's name, line or paper, whatever its case
   * @param artifact that an ensemble of the method stands on; absent where it stands on none
   */
  @GET
  @Path(NEW)
  public TemplateInstance register(
      @QueryParam("method") String method,
      @QueryParam("family") String family,
      @QueryParam("text") String text,
      @QueryParam("artifact") String artifact) {
    Map<String, String> usual =
        Map.of(
            "method",
            Asked.shown(method),
            "lifecycle",
            "draft",
            SettingFields.SETTING + "artifact",
            Asked.shown(artifact));
    Draft draft = Draft.fresh(usual::get);
    if (Asked.given(method) != null) {
      return form(visit().frame(section(), "Register an ensemble", theCatalog()), draft);
    }
    return catalog(draft, methods.list(), Asked.shown(family), Asked.shown(text));
  }

  /** The catalog of methods as CSV. */
  @GET
  @Path(METHODS)
  @Produces(Csv.MEDIA_TYPE)
  public Response methodsCsv() {
    MethodList list = methods.list();
    Csv.requireAll(list.unavailable());
    List<Method> all = list.methods();
    return Csv.<Method>of(
        "methods",
        List.of("name", "family", "service", "summary", "paper", "needs"),
        _ -> new Csv.Part<>(all, null),
        m ->
            List.of(
                m.name(),
                ContractEnums.word(m.family()),
                m.service(),
                m.summary(),
                m.paper(),
                m.needs().stream().map(ContractEnums::word).collect(Collectors.joining(" "))));
  }

  @Override
  Response create(ObjectNode document, String validateOnly, String user)
      throws JsonProcessingException {
    return ensembles.create(read(document, Ensemble.class), validateOnly, user);
  }

  @Override
  Response replace(
      String name, ObjectNode document, String ifMatch, String validateOnly, String user)
      throws JsonProcessingException {
    return ensembles.replace(name, read(document, Ensemble.class), ifMatch, validateOnly, user);
  }

  @Override
  ObjectNode document(Form form) {
    MethodList list = methods.list();
    Optional<Method> method = method(list, form.text("method"));
    requireAll(list, method);
    return EnsembleForm.document(form, method, json());
  }

  @Override
  String typed(Entry entry, String field) {
    return EnsembleForm.typed((Ensemble) entry, field);
  }

  @Override
  TemplateInstance form(Frame frame, Draft draft) {
    MethodList list = methods.list();
    Optional<Method> method = method(list, draft.typed().apply("method"));
    requireAll(list, method);
    if (method.isEmpty()) {
      return catalog(draft, list, "", "");
    }
    return Templates.ensembleForm(
        frame,
        EntryForm.of(draft, PAGES, EnsembleForm.name(draft)),
        method.get(),
        SettingFields.fields("", method.get().settings(), draft.typed(), draft.problem()),
        EnsembleForm.common(draft),
        candidates.of(draft, method.get()),
        draft.warnings(),
        draft.checked() != null);
  }

  @Override
  TemplateInstance page(Frame frame, EntryView view) {
    var ensemble = (Ensemble) view.entry();
    List<Ensemble> users =
        ensembles.list(MOST, null, null, null, null, ensemble.name()).items().stream()
            .map(Ensemble.class::cast)
            .toList();
    Curl uses =
        Curl.get("Who uses it", visit().base(), restPath(), Map.of("member", ensemble.name()));
    return Templates.ensemble(frame.with(uses), view, ensemble, users);
  }

  private TemplateInstance catalog(Draft draft, MethodList list, String family, String text) {
    String part = text.toLowerCase(Locale.ROOT);
    List<Method> found =
        list.methods().stream()
            .filter(m -> family.isEmpty() || ContractEnums.word(m.family()).equals(family))
            .filter(
                m ->
                    (m.name() + " " + m.summary() + " " + m.paper())
                        .toLowerCase(Locale.ROOT)
                        .contains(part))
            .toList();
    Set<String> families =
        list.methods().stream()
            .map(m -> ContractEnums.word(m.family()))
            .collect(Collectors.toCollection(java.util.TreeSet::new));
    return Templates.methods(
        visit().frame(section(), "Choose a method", theCatalog()),
        draft.problem(),
        found,
        list.unavailable(),
        families,
        family,
        text,
        PAGES + METHODS);
  }

  private Curl theCatalog() {
    return Curl.get("The catalog", visit().base(), "/api/v1/methods", Map.of());
  }

  /** Without the method's settings a form would lose them: a service that is away may have it. */
  private static void requireAll(MethodList list, Optional<Method> method) {
    if (method.isEmpty() && !list.unavailable().isEmpty()) {
      String away =
          list.unavailable().stream()
              .map(MethodList.MissingService::service)
              .collect(Collectors.joining(", "));
      throw new Refusal.Unavailable(
              "%s cannot be asked now, and may have this method. Nothing was saved: go back, and try again."
                  .formatted(away),
              Duration.ofSeconds(1))
          .exception();
    }
  }

  private static Optional<Method> method(MethodList list, String name) {
    return list.methods().stream().filter(m -> m.name().equals(name)).findFirst();
  }

  private Page<Entry> page(String limit, String cursor, Map<String, String> asked) {
    return ensembles.list(
        limit,
        cursor,
        asked.get("lifecycle"),
        asked.get("text"),
        asked.get("method"),
        asked.get("member"));
  }

  private static Map<String, String> asked(
      String text, String lifecycle, String method, String member) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("text", Asked.given(text));
    asked.put("lifecycle", Asked.given(lifecycle));
    asked.put("method", Asked.given(method));
    asked.put("member", Asked.given(member));
    return asked;
  }

  private static List<Object> cells(Ensemble ensemble) {
    Ensemble.Budget budget = ensemble.budget();
    return Arrays.asList(
        ensemble.name(),
        ensemble.method(),
        ContractEnums.word(ensemble.family()),
        ContractEnums.word(ensemble.lifecycle()),
        ensemble.version(),
        ensemble.members().stream().map(Ensemble.Member::ref).collect(Collectors.joining(" ")),
        budget == null ? null : budget.usdPerRequest(),
        budget == null ? null : budget.usdPerDay(),
        ensemble.updatedAt(),
        ensemble.description());
  }
}
