package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.Model;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.EnsembleResource;
import dev.tutti.registry.api.ModelResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.type.v1.Capability;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The pages of models. */
@Browsed
@Path("/console/models")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class ModelPages extends EntryPages {

  private static final String PAGES = "/console/models";
  private static final List<String> COLUMNS =
      List.of(
          "name",
          "runtime",
          "lifecycle",
          "version",
          "context_length",
          "parameters",
          "usd_per_million_prompt_tokens",
          "usd_per_million_completion_tokens",
          "capabilities",
          "updated_at",
          "description");

  private final ModelResource models;
  private final EnsembleResource ensembles;

  ModelPages(ModelResource models, EnsembleResource ensembles, Visit visit, ObjectMapper json) {
    super(Section.MODELS, Kind.MODEL, models, visit, json);
    this.models = models;
    this.ensembles = ensembles;
  }

  /**
   * Models, a part of them.
   *
   * @param models by name
   * @param text that was looked for; empty for none
   * @param lifecycle only those; empty for all
   * @param capability only those with it; empty for all
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(
      List<Model> models,
      String text,
      String lifecycle,
      String capability,
      String next,
      String csv) {

    /** All words. */
    public Set<String> lifecycles() {
      return ContractEnums.words(Lifecycle.class).keySet();
    }

    /** All words. */
    public Set<String> capabilities() {
      return ContractEnums.words(Capability.class).keySet();
    }

    /** Whether only some are looked for. */
    public boolean isFiltered() {
      return !(text + lifecycle + capability).isEmpty();
    }
  }

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @QueryParam("cursor") String cursor,
      @QueryParam("text") String text,
      @QueryParam("lifecycle") String lifecycle,
      @QueryParam("capability") String capability) {
    Map<String, String> asked = asked(text, lifecycle, capability);
    Page<Entry> page = page(LIMIT, Asked.given(cursor), asked);
    var onward = new LinkedHashMap<>(asked);
    onward.put("cursor", page.nextCursor());
    Frame frame =
        visit()
            .frame(
                section(),
                "Models",
                Curl.get(
                    "This list", visit().base(), restPath(), Asked.with(asked, "cursor", cursor)),
                example());
    return Templates.models(
        frame,
        new Listing(
            page.items().stream().map(Model.class::cast).toList(),
            Asked.shown(text),
            Asked.shown(lifecycle),
            Asked.shown(capability),
            page.nextCursor() == null ? null : PAGES + Curl.query(onward),
            PAGES + CSV + Curl.query(asked)));
  }

  /** Lists them as CSV. */
  @GET
  @Path(CSV)
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(
      @QueryParam("text") String text,
      @QueryParam("lifecycle") String lifecycle,
      @QueryParam("capability") String capability) {
    Map<String, String> asked = asked(text, lifecycle, capability);
    return Csv.<Entry>of(
        "models",
        COLUMNS,
        cursor -> {
          Page<Entry> page = page(MOST, cursor, asked);
          return new Csv.Part<>(page.items(), page.nextCursor());
        },
        entry -> cells((Model) entry));
  }

  /** The form that registers one. */
  @GET
  @Path(NEW)
  public TemplateInstance register(@QueryParam("runtime") String runtime) {
    Map<String, String> usual =
        Map.of("runtime", runtime == null ? "onnx" : runtime, "lifecycle", "draft");
    return form(visit().frame(section(), "Register a model", example()), Draft.fresh(usual::get));
  }

  @Override
  Response create(ObjectNode document, String validateOnly, String user)
      throws JsonProcessingException {
    return models.create(read(document, Model.class), validateOnly, user);
  }

  @Override
  Response replace(
      String name, ObjectNode document, String ifMatch, String validateOnly, String user)
      throws JsonProcessingException {
    return models.replace(name, read(document, Model.class), ifMatch, validateOnly, user);
  }

  @Override
  ObjectNode document(Form form) {
    return ModelForm.document(form, json());
  }

  @Override
  String typed(Entry entry, String field) {
    return ModelForm.typed((Model) entry, field);
  }

  @Override
  TemplateInstance form(Frame frame, Draft draft) {
    return Templates.modelForm(
        frame,
        EntryForm.of(draft, PAGES, ModelForm.fields(draft)),
        ModelForm.isEndpoint(draft.typed()),
        (Model) draft.checked());
  }

  @Override
  TemplateInstance page(Frame frame, EntryView view) {
    var model = (Model) view.entry();
    List<Ensemble> users =
        ensembles.list(MOST, null, null, null, null, model.name()).items().stream()
            .map(Ensemble.class::cast)
            .toList();
    Curl uses =
        Curl.get(
            "Who uses it", visit().base(), "/api/v1/ensembles", Map.of("member", model.name()));
    return Templates.model(frame.with(uses), view, model, users);
  }

  private Curl example() {
    return Curl.change(
        "Register a model",
        visit().base(),
        "POST",
        restPath(),
        null,
        "{\"name\": \"adder-strong\", \"runtime\": \"onnx\", \"location\": \"adder-strong\", \"usd_per_million_prompt_tokens\": 1, \"usd_per_million_completion_tokens\": 2}");
  }

  private Page<Entry> page(String limit, String cursor, Map<String, String> asked) {
    return models.list(
        limit, cursor, asked.get("lifecycle"), asked.get("text"), asked.get("capability"));
  }

  private static Map<String, String> asked(String text, String lifecycle, String capability) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("text", Asked.given(text));
    asked.put("lifecycle", Asked.given(lifecycle));
    asked.put("capability", Asked.given(capability));
    return asked;
  }

  private static List<Object> cells(Model model) {
    return Arrays.asList(
        model.name(),
        ContractEnums.word(model.runtime()),
        ContractEnums.word(model.lifecycle()),
        model.version(),
        model.contextLength(),
        model.parameters(),
        model.usdPerMillionPromptTokens(),
        model.usdPerMillionCompletionTokens(),
        model.capabilities().stream().map(ContractEnums::word).collect(Collectors.joining(" ")),
        model.updatedAt(),
        model.description());
  }
}
