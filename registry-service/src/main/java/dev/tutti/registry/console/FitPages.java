package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.DatasetItem;
import dev.tutti.registry.api.DatasetResource;
import dev.tutti.registry.api.FitOrder;
import dev.tutti.registry.api.FitResource;
import dev.tutti.registry.api.JobItem;
import dev.tutti.registry.api.MethodList;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.MethodResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.Problems;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The pages that start fits: which methods can be fitted, and the form of one. */
@Browsed
@Path("/console/fits")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class FitPages {

  private static final String REST = "/api/v1/fits";

  private final FitResource fits;
  private final MethodResource methods;
  private final DatasetResource datasets;
  private final Visit visit;
  private final ObjectMapper json;

  FitPages(
      FitResource fits,
      MethodResource methods,
      DatasetResource datasets,
      Visit visit,
      ObjectMapper json) {
    this.fits = fits;
    this.methods = methods;
    this.datasets = datasets;
    this.visit = visit;
    this.json = json;
  }

  /**
   * The form of a fit as its page shows it.
   *
   * @param method that is fitted
   * @param fields what every fit says
   * @param settings of this method's
   * @param dataset that was chosen; null for none
   * @param problem for which it was refused; null for none
   * @param isGood whether it was checked, and would be started
   */
  public record View(
      Method method,
      List<Field> fields,
      List<Field> settings,
      DatasetItem dataset,
      Problem problem,
      boolean isGood) {}

  /**
   * The methods that can be fitted, or with a method the form.
   *
   * @param dataset that is chosen beforehand
   * @param artifact that is named beforehand
   */
  @GET
  public TemplateInstance form(
      @QueryParam("method") String method,
      @QueryParam("dataset") String dataset,
      @QueryParam("artifact") String artifact)
      throws SQLException {
    if (Asked.given(method) == null) {
      return catalog(Asked.shown(dataset));
    }
    var typed = new HashMap<String, String>();
    typed.put("dataset", Asked.shown(dataset));
    typed.put("artifact", Asked.shown(artifact));
    return form(fittable(method), typed::get, null, false, call(null));
  }

  /** The methods that can be fitted as CSV. */
  @GET
  @Path("/~methods.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response methodsCsv() {
    MethodList list = methods.list();
    Csv.requireAll(list.unavailable());
    return Csv.<Method>of(
        "fits",
        List.of("name", "family", "service", "summary", "paper", "min_members", "max_members"),
        _ -> new Csv.Part<>(fittable(list), null),
        m ->
            List.of(
                m.name(),
                ContractEnums.word(m.family()),
                m.service(),
                m.summary(),
                m.paper(),
                m.fit().minMembers(),
                m.fit().maxMembers()));
  }

  /**
   * Starts a fit, where the field {@code step} says {@code start}; only checks it where it says
   * anything else, or shows the form again, with what the dataset has, where it says {@code look}.
   */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response submit(
      Form form, @HeaderParam("X-Tutti-User") String user, @Context RoutingContext http)
      throws SQLException {
    Method method = fittable(Asked.shown(form.text("method")));
    ObjectNode document = FitForm.document(form, method, json);
    boolean start = form.typed("step").equals("start");
    boolean look = form.typed("step").equals("look");
    Problem problem = null;
    try {
      if (!look) {
        FitOrder order = json.treeToValue(document, FitOrder.class);
        Response answer = fits.fit(order, Boolean.toString(!start), user, null, http);
        if (start) {
          return Response.seeOther(URI.create(Shown.href((JobItem) answer.getEntity()))).build();
        }
      }
    } catch (RefusedException e) {
      problem = Problem.of(e.refusal());
    } catch (JsonProcessingException e) {
      problem = Problem.of(Problems.refusal(e));
    }
    return Html.of(
        problem, form(method, form::typed, problem, !look && problem == null, call(document)));
  }

  private Curl call(ObjectNode document) {
    return document == null
        ? Curl.get(
            "The methods, with what their fits take", visit.base(), "/api/v1/methods", Map.of())
        : Curl.change(
            "The same as a call", visit.base(), "POST", REST, null, document.toPrettyString());
  }

  private TemplateInstance form(
      Method method, UnaryOperator<String> typed, Problem problem, boolean isGood, Curl call)
      throws SQLException {
    String chosen = Asked.shown(typed.apply("dataset"));
    Optional<DatasetItem> dataset = datasets.whole(chosen);
    return Templates.fitForm(
        visit.frame(Section.ARTIFACTS, "Fit " + method.name(), call),
        new View(
            method,
            FitForm.fields(typed, problem, method, names(chosen), dataset.orElse(null)),
            SettingFields.fields("", method.fit().settings(), typed, problem),
            dataset.orElse(null),
            problem,
            isGood));
  }

  /** Those to choose from, and the one that was chosen; none where they are too many. */
  private Set<String> names(String chosen) throws SQLException {
    Page<DatasetItem> some = datasets.list("200", null);
    if (some.nextCursor() != null) {
      return Set.of();
    }
    var names = new LinkedHashSet<String>();
    names.add("");
    some.items().forEach(dataset -> names.add(dataset.name()));
    if (Names.isName(chosen)) {
      names.add(chosen);
    }
    return names;
  }

  private TemplateInstance catalog(String dataset) {
    MethodList list = methods.list();
    return Templates.fits(
        visit.frame(Section.ARTIFACTS, "Fit a method", call(null)),
        fittable(list),
        list.unavailable(),
        dataset);
  }

  private static List<Method> fittable(MethodList list) {
    return list.methods().stream().filter(m -> m.fit() != null).toList();
  }

  private Method fittable(String name) {
    MethodList list = methods.list();
    Optional<Method> found = fittable(list).stream().filter(m -> m.name().equals(name)).findFirst();
    if (found.isEmpty()) {
      // A service that is away may have it: then what was typed is not thrown away for a catalog.
      Csv.requireAll(list.unavailable());
      throw Refusal.invalid("method", "No method that can be fitted is called so.");
    }
    return found.get();
  }
}
