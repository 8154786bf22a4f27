package dev.tutti.registry.console;

import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.ActivityItem;
import dev.tutti.registry.api.ActivityItem.Figures;
import dev.tutti.registry.api.ActivityResource;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.PlatformItem;
import dev.tutti.router.v1.ActivityPeriod;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The console's first page: what was asked, what it cost, how fast it went, and who is healthy. */
@Browsed
@Path("/console/overview")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class OverviewPages {

  private static final String PAGES = "/console/overview";
  private static final String USUAL = ContractEnums.word(ActivityPeriod.ACTIVITY_PERIOD_DAY);
  private static final List<String> FIGURES =
      List.of(
          "requests",
          "failures",
          "prompt_tokens",
          "completion_tokens",
          "cost_usd",
          "compared",
          "compared_usd",
          "dearest_usd",
          "saved_usd",
          "p50_seconds",
          "p95_seconds");

  private final ActivityResource activity;
  private final Visit visit;

  OverviewPages(ActivityResource activity, Visit visit) {
    this.activity = activity;
    this.visit = visit;
  }

  /**
   * What is shown.
   *
   * @param platform how it stands
   * @param activity what was asked; null where nobody can tell
   * @param why nobody can; null where somebody does
   * @param charts of it
   * @param period that was chosen
   * @param ensemble only its; empty for all
   * @param here address of this page
   * @param csv address of the steps as CSV
   * @param ensemblesCsv address of the ensembles as CSV
   */
  public record View(
      PlatformItem platform,
      ActivityItem activity,
      String why,
      List<StepChart> charts,
      String period,
      String ensemble,
      String here,
      String csv,
      String ensemblesCsv) {

    /** All words. */
    public Iterable<String> periods() {
      return ContractEnums.words(ActivityPeriod.class).keySet();
    }

    /** Address of this page for one ensemble. */
    public String of(String name) {
      return PAGES + Curl.query(asked(period, name));
    }
  }

  /** Shows it. */
  @GET
  public TemplateInstance show(
      @QueryParam("period") String period, @QueryParam("ensemble") String ensemble) {
    Map<String, String> asked = asked(period, ensemble);
    ActivityItem its = null;
    String why = null;
    try {
      its = activity.activity(asked.get("period"), asked.get("ensemble"));
    } catch (RefusedException e) {
      if (!(e.refusal() instanceof Refusal.OfService of && of.away())
          && !(e.refusal() instanceof Refusal.NotOffered)) {
        throw e;
      }
      // The rest is worth telling the more.
      why = e.refusal().detail();
    }
    var view =
        new View(
            activity.platform(),
            its,
            why,
            its == null ? List.of() : charts(its),
            asked.get("period") == null ? USUAL : asked.get("period"),
            Asked.shown(ensemble),
            PAGES + Curl.query(asked),
            PAGES + "/~csv" + Curl.query(asked),
            PAGES + "/~ensembles.csv" + Curl.query(asked));
    return Templates.overview(
        visit.frame(
            Section.OVERVIEW,
            "Overview",
            Curl.get("What was asked", visit.base(), "/api/v1/activity", asked),
            Curl.get("How the platform stands", visit.base(), "/api/v1/platform", Map.of())),
        view);
  }

  /** The steps as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(
      @QueryParam("period") String period, @QueryParam("ensemble") String ensemble) {
    ActivityItem its = its(period, ensemble);
    return Csv.<ActivityItem.At>of(
        "activity",
        columns("start"),
        _ -> new Csv.Part<>(its.steps(), null),
        at -> cells(at.start(), at.activity()));
  }

  /** The ensembles as CSV. */
  @GET
  @Path("/~ensembles.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response ensembles(
      @QueryParam("period") String period, @QueryParam("ensemble") String ensemble) {
    ActivityItem its = its(period, ensemble);
    return Csv.<ActivityItem.Of>of(
        "ensembles",
        columns("ensemble"),
        _ -> new Csv.Part<>(its.ensembles(), null),
        of -> cells(of.ensemble(), of.activity()));
  }

  /** The endpoints as CSV. */
  @GET
  @Path("/~endpoints.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response endpoints() {
    List<PlatformItem.EndpointItem> its = activity.platform().models().endpoints();
    if (its == null) {
      throw new Refusal.Unavailable("decoder-service cannot be asked now.").exception();
    }
    return Csv.<PlatformItem.EndpointItem>of(
        "endpoints",
        List.of("model", "endpoint", "state", "seconds_left_alone", "calls"),
        _ -> new Csv.Part<>(its, null),
        e -> List.of(e.model(), e.place(), e.state(), e.secondsLeftAlone(), e.calls()));
  }

  private ActivityItem its(String period, String ensemble) {
    Map<String, String> asked = asked(period, ensemble);
    return activity.activity(asked.get("period"), asked.get("ensemble"));
  }

  private static List<StepChart> charts(ActivityItem its) {
    return List.of(
        chart(
            its,
            "Requests",
            series(its, "all", f -> (double) f.requests()),
            series(its, "failed", f -> (double) f.failures())),
        chart(
            its,
            "US dollars",
            series(its, "spent", Figures::costUsd),
            series(its, "saved", Figures::savedUsd)),
        chart(
            its,
            "Seconds to the end of an answer",
            series(its, "half of them within", Figures::p50Seconds),
            series(its, "95 % within", Figures::p95Seconds)));
  }

  private static StepChart chart(ActivityItem its, String title, StepChart.Series... series) {
    List<Instant> times = its.steps().stream().map(ActivityItem.At::start).toList();
    return StepChart.of(title, times, its.stepSeconds(), List.of(series));
  }

  private static StepChart.Series series(
      ActivityItem its, String name, Function<Figures, Double> value) {
    var values = new ArrayList<Double>();
    its.steps().forEach(at -> values.add(value.apply(at.activity())));
    return new StepChart.Series(name, values);
  }

  private static Map<String, String> asked(String period, String ensemble) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("period", Asked.given(period));
    asked.put("ensemble", Asked.given(ensemble));
    return asked;
  }

  private static List<String> columns(String first) {
    var columns = new ArrayList<>(List.of(first));
    columns.addAll(FIGURES);
    return columns;
  }

  private static List<Object> cells(Object first, Figures its) {
    return Arrays.asList(
        first,
        its.requests(),
        its.failures(),
        its.promptTokens(),
        its.completionTokens(),
        its.costUsd(),
        its.compared(),
        its.comparedUsd(),
        its.dearestUsd(),
        its.savedUsd(),
        its.p50Seconds(),
        its.p95Seconds());
  }
}
