package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.EnsembleResource;
import dev.tutti.registry.api.EvaluationOrder;
import dev.tutti.registry.api.FitResource;
import dev.tutti.registry.api.GatheredPage;
import dev.tutti.registry.api.JobItem;
import dev.tutti.registry.api.JobResource;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.MethodResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.Problems;
import dev.tutti.registry.neighbour.Services;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
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
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The pages of evaluations: what another policy would have earned on rated decisions. */
@Browsed
@Path("/console/evaluations")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class EvaluationPages {

  private static final String PAGES = "/console/evaluations";
  private static final String REST = "/api/v1/evaluations";
  private static final String KIND = "evaluate";

  private final FitResource fits;
  private final JobResource jobs;
  private final EnsembleResource ensembles;
  private final MethodResource methods;
  private final Visit visit;
  private final ObjectMapper json;

  EvaluationPages(
      FitResource fits,
      JobResource jobs,
      EnsembleResource ensembles,
      MethodResource methods,
      Visit visit,
      ObjectMapper json) {
    this.fits = fits;
    this.jobs = jobs;
    this.ensembles = ensembles;
    this.methods = methods;
    this.visit = visit;
    this.json = json;
  }

  /**
   * The form of an evaluation as its page shows it.
   *
   * @param policy its kind
   * @param policies all kinds
   * @param ensemble that is chosen; empty for none
   * @param fields in their order
   * @param problem for which it was refused; null for none
   * @param isGood whether it was checked, and would be begun
   */
  public record View(
      String policy,
      List<String> policies,
      String ensemble,
      List<Field> fields,
      Problem problem,
      boolean isGood) {}

  /** Lists them, newest first. */
  @GET
  public TemplateInstance list(@QueryParam("cursor") String cursor) {
    GatheredPage<JobItem> page = page("50", Asked.given(cursor));
    var asked = new HashMap<String, String>();
    asked.put("service", Services.ROUTER);
    asked.put("kind", KIND);
    return Templates.evaluations(
        visit.frame(
            Section.ARTIFACTS,
            "Evaluations",
            Curl.get(
                "This list", visit.base(), "/api/v1/jobs", Asked.with(asked, "cursor", cursor))),
        page.items().stream().map(EvaluationView::new).toList(),
        page.nextCursor() == null ? null : PAGES + "?cursor=" + Curl.encoded(page.nextCursor()));
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv() {
    return Csv.<JobItem>of(
        "evaluations",
        List.of(
            "id",
            "ensemble",
            "policy",
            "state",
            "decisions",
            "effective_sample_size",
            "ips",
            "ips_low",
            "ips_high",
            "snips",
            "snips_low",
            "snips_high",
            "doubly_robust",
            "doubly_robust_low",
            "doubly_robust_high",
            "gain",
            "gain_low",
            "gain_high",
            "refused",
            "created_at"),
        cursor -> Csv.Part.of(page("200", cursor)),
        job -> cells(new EvaluationView(job)));
  }

  /** The form. */
  @GET
  @Path("/~new")
  public TemplateInstance form(
      @QueryParam("policy") String policy, @QueryParam("ensemble") String ensemble) {
    var typed = new HashMap<String, String>();
    typed.put("policy", Asked.shown(policy));
    typed.put("ensemble", Asked.shown(ensemble));
    return form(
        typed::get,
        null,
        false,
        Curl.get("Evaluations", visit.base(), "/api/v1/jobs", Map.of("kind", KIND)));
  }

  /** Shows what came of one. */
  @GET
  @Path("/{id}")
  public TemplateInstance show(@PathParam("id") String id) {
    EvaluationView its = find(id);
    return Templates.evaluation(
        visit.frame(
            Section.ARTIFACTS,
            "Evaluation of " + its.ensemble(),
            Curl.get(
                "Read it",
                visit.base(),
                "/api/v1/jobs/%s/%s".formatted(Services.ROUTER, Curl.encoded(id)),
                Map.of())),
        its);
  }

  /** Its estimates as CSV. */
  @GET
  @Path("/{id}/estimates.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response estimates(@PathParam("id") String id) {
    EvaluationView its = find(id);
    return Csv.<EvaluationView.Estimate>of(
        "estimates",
        List.of("estimate", "mean", "low", "high"),
        _ -> new Csv.Part<>(its.estimates(), null),
        e -> List.of(e.field(), e.mean(), e.low(), e.high()));
  }

  /**
   * Begins one, where the field {@code step} says {@code start}; only checks it where it says
   * anything else, or shows the form again where it says {@code look}.
   */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response submit(
      Form form, @HeaderParam("X-Tutti-User") String user, @Context RoutingContext http) {
    boolean start = form.typed("step").equals("start");
    boolean look = form.typed("step").equals("look");
    ObjectNode document = EvaluationForm.document(form, method(form::typed, fitted()), json);
    Problem problem = null;
    try {
      if (!look) {
        EvaluationOrder order = json.treeToValue(document, EvaluationOrder.class);
        Response answer = fits.evaluate(order, Boolean.toString(!start), user, null, http);
        if (start) {
          return Response.seeOther(URI.create(Shown.href((JobItem) answer.getEntity()))).build();
        }
      }
    } catch (RefusedException e) {
      problem = Problem.of(e.refusal());
    } catch (JsonProcessingException e) {
      problem = Problem.of(Problems.refusal(e));
    }
    Curl call =
        Curl.change(
            "The same as a call", visit.base(), "POST", REST, null, document.toPrettyString());
    return Html.of(problem, form(form::typed, problem, !look && problem == null, call));
  }

  private TemplateInstance form(
      UnaryOperator<String> typed, Problem problem, boolean isGood, Curl call) {
    String given = Asked.shown(typed.apply("policy"));
    String policy = EvaluationForm.POLICIES.contains(given) ? given : "member";
    String chosen = Asked.shown(typed.apply("ensemble"));
    List<Method> fitted = policy.equals("fitted") ? fitted() : List.of();
    return Templates.evaluationForm(
        visit.frame(Section.ARTIFACTS, "Evaluate a policy", call),
        new View(
            policy,
            EvaluationForm.POLICIES,
            chosen,
            EvaluationForm.fields(
                typed,
                problem,
                policy,
                names(chosen),
                ensemble(chosen),
                fitted,
                method(typed, fitted)),
            problem,
            isGood));
  }

  /** Those to choose from, and the one that was chosen; none where they are too many. */
  private Set<String> names(String chosen) {
    Page<Entry> some = ensembles.list("200", null, null, null, null, null);
    if (some.nextCursor() != null) {
      return Set.of();
    }
    var names = new LinkedHashSet<String>();
    names.add("");
    routing(some).forEach(ensemble -> names.add(ensemble.name()));
    if (Names.isName(chosen)) {
      names.add(chosen);
    }
    return names;
  }

  private Optional<Ensemble> ensemble(String name) {
    return Names.isName(name)
        ? routing(ensembles.list("200", null, null, name, null, null))
            .filter(ensemble -> ensemble.name().equals(name))
            .findFirst()
        : Optional.empty();
  }

  private static Stream<Ensemble> routing(Page<Entry> page) {
    return page.items().stream()
        .map(Ensemble.class::cast)
        .filter(ensemble -> ensemble.family() == Family.FAMILY_ROUTER);
  }

  private List<Method> fitted() {
    return methods.list().methods().stream()
        .filter(m -> m.fit() != null && m.family() == Family.FAMILY_ROUTER)
        .toList();
  }

  private static Optional<Method> method(UnaryOperator<String> typed, List<Method> fitted) {
    String name = Asked.shown(typed.apply("policy.fitted.method")).strip();
    return "fitted".equals(typed.apply("policy"))
        ? fitted.stream().filter(m -> m.name().equals(name)).findFirst()
        : Optional.empty();
  }

  private EvaluationView find(String id) {
    JobItem job = jobs.get(Services.ROUTER, id);
    if (!job.kind().equals(KIND)) {
      throw new Refusal.NotFound("There is no such evaluation.").exception();
    }
    return new EvaluationView(job);
  }

  private GatheredPage<JobItem> page(String limit, String cursor) {
    return jobs.list(limit, cursor, Services.ROUTER, KIND, null);
  }

  private static List<Object> cells(EvaluationView its) {
    Stream<Object> first =
        Stream.of(
            its.job().id(), its.ensemble(), its.policy(), ContractEnums.word(its.job().state()));
    Stream<Object> numbers =
        Stream.concat(
            Arrays.asList(its.number("decisions"), its.number("effective_sample_size")).stream(),
            Stream.of("ips", "snips", "doubly_robust", "gain")
                .map(its::estimate)
                .flatMap(
                    e ->
                        e == null
                            ? Arrays.asList(null, null, null).stream()
                            : Stream.of(e.mean(), e.low(), e.high())));
    Stream<Object> last =
        Arrays.<Object>asList(its.text("refused"), its.job().createdAt()).stream();
    return Stream.concat(Stream.concat(first, numbers), last).toList();
  }
}
