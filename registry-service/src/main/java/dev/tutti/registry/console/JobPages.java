package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.job.v1.JobState;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.admin.JobAdmin;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.GatheredPage;
import dev.tutti.registry.api.JobItem;
import dev.tutti.registry.api.JobResource;
import dev.tutti.registry.api.MethodList.MissingService;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.RecordingItem;
import dev.tutti.registry.api.RecordingResource;
import dev.tutti.registry.dataset.RefusedLine;
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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pages of jobs: how far long work is, in all services. */
@Browsed
@Path("/console/jobs")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class JobPages {

  private static final String PAGES = "/console/jobs";
  private static final String REST = "/api/v1/jobs";
  private static final List<String> COLUMNS =
      List.of(
          "service",
          "id",
          "kind",
          "state",
          "done",
          "total",
          "unit",
          "message",
          "user",
          "attempts",
          "created_at",
          "ended_at",
          "error");

  private final JobResource jobs;
  private final JobAdmin admin;
  private final RecordingResource recordings;
  private final Visit visit;
  private final ObjectMapper json;

  JobPages(
      JobResource jobs,
      JobAdmin admin,
      RecordingResource recordings,
      Visit visit,
      ObjectMapper json) {
    this.jobs = jobs;
    this.admin = admin;
    this.recordings = recordings;
    this.visit = visit;
    this.json = json;
  }

  /**
   * Jobs, a part of them.
   *
   * @param jobs newest first
   * @param missing the services that could not be asked
   * @param services all that may have jobs
   * @param service only its; empty for all
   * @param kind only those; empty for all
   * @param state only those; empty for all
   * @param here address of this part
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(
      List<JobItem> jobs,
      List<MissingService> missing,
      List<String> services,
      String service,
      String kind,
      String state,
      String here,
      String next,
      String csv) {

    /** All words. */
    public Iterable<String> states() {
      return ContractEnums.words(JobState.class).keySet();
    }

    /** All words. */
    public List<String> kinds() {
      return List.of("import", "record", "record-decisions", "fit", "evaluate");
    }

    /** Whether only some are looked for. */
    public boolean isFiltered() {
      return !(service + kind + state).isEmpty();
    }

    /** Whether something goes on that is worth another look. */
    public boolean isMoving() {
      return jobs.stream().anyMatch(JobPages::isMoving);
    }
  }

  /**
   * One job.
   *
   * @param parameters as JSON
   * @param result as JSON; null while there is none
   * @param refusals the first lines that an import refused
   * @param more whether there are further ones
   * @param recording what its members did by now; null where it is no recording
   */
  public record One(
      JobItem job,
      String parameters,
      String result,
      List<RefusedLine> refusals,
      boolean more,
      RecordingItem recording) {

    /** Whether it goes on. */
    public boolean isMoving() {
      return JobPages.isMoving(job);
    }

    /** Its page. */
    public String href() {
      return Shown.href(job);
    }

    /** Where that is shown which came of it, and what it works on. */
    public List<Link> made() {
      var made = new ArrayList<Link>();
      if (job.kind().equals("fit") && job.result() != null) {
        String artifact = String.valueOf(job.result().get("artifact"));
        made.add(
            new Link(
                "Artifact %s, version %s".formatted(artifact, job.result().get("version")),
                "/console/artifacts/%s/%s"
                    .formatted(Curl.encoded(job.service()), Curl.encoded(artifact))));
      }
      if (job.kind().equals("evaluate")) {
        made.add(new Link("What it would have earned", new EvaluationView(job).href()));
      }
      if (job.parameters().get("dataset") instanceof String dataset) {
        made.add(new Link("Dataset " + dataset, "/console/datasets/" + Curl.encoded(dataset)));
      }
      return made;
    }
  }

  /** A way to another page. */
  public record Link(String title, String href) {}

  /** Whether it waits or runs. */
  static boolean isMoving(JobItem job) {
    return job.state() == JobState.JOB_STATE_QUEUED || job.state() == JobState.JOB_STATE_RUNNING;
  }

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @QueryParam("cursor") String cursor,
      @QueryParam("service") String service,
      @QueryParam("kind") String kind,
      @QueryParam("state") String state) {
    Map<String, String> asked = asked(service, kind, state);
    GatheredPage<JobItem> page = page("50", Asked.given(cursor), asked);
    Map<String, String> here = Asked.with(asked, "cursor", cursor);
    var listing =
        new Listing(
            page.items(),
            page.unavailable(),
            admin.serviceNames(),
            Asked.shown(service),
            Asked.shown(kind),
            Asked.shown(state),
            PAGES + Curl.query(here),
            page.nextCursor() == null
                ? null
                : PAGES + Curl.query(Asked.with(asked, "cursor", page.nextCursor())),
            PAGES + "/~csv" + Curl.query(asked));
    Curl call = Curl.get("This list", visit.base(), REST, here);
    return Templates.jobs(visit.frame(Section.JOBS, "Jobs", call), listing);
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(
      @QueryParam("service") String service,
      @QueryParam("kind") String kind,
      @QueryParam("state") String state) {
    Map<String, String> asked = asked(service, kind, state);
    return Csv.<JobItem>of(
        "jobs", COLUMNS, cursor -> Csv.Part.of(page("200", cursor, asked)), JobPages::cells);
  }

  /** Shows one. */
  @GET
  @Path("/{service}/{id}")
  public TemplateInstance show(@PathParam("service") String service, @PathParam("id") String id)
      throws SQLException {
    JobItem job = jobs.get(service, id);
    Page<RefusedLine> refused =
        job.service().equals(JobAdmin.OWN)
            ? jobs.refusals(job.id(), "50", null)
            : new Page<>(List.of(), null);
    String path = "%s/%s/%s".formatted(REST, Curl.encoded(job.service()), Curl.encoded(job.id()));
    var calls = new ArrayList<>(List.of(Curl.get("Read it", visit.base(), path, Map.of())));
    if (isMoving(job)) {
      calls.add(Curl.change("Ask it to stop", visit.base(), "POST", path + "/cancel", null, null));
    }
    var one =
        new One(
            job,
            text(job.parameters()),
            job.result() == null ? null : text(job.result()),
            refused.items(),
            refused.nextCursor() != null,
            job.kind().equals("record") && job.service().equals(JobAdmin.OWN)
                ? recordings.get(job.id())
                : null);
    return Templates.job(
        visit.frame(Section.JOBS, "%s of %s".formatted(job.kind(), job.service()), calls), one);
  }

  /** The lines that an import refused, as CSV. */
  @GET
  @Path("/registry-service/{id}/refusals.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response refusals(@PathParam("id") String id) {
    return Csv.<RefusedLine>of(
        "refusals",
        List.of("line", "field", "reason"),
        cursor -> {
          try {
            Page<RefusedLine> page = jobs.refusals(id, "200", cursor);
            return new Csv.Part<>(page.items(), page.nextCursor());
          } catch (SQLException e) {
            throw new IllegalStateException("The refusals cannot be read", e);
          }
        },
        line -> List.of(line.line(), line.field(), line.reason()));
  }

  /** Asks one to stop. */
  @POST
  @Path("/{service}/{id}/cancel")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response cancel(
      @PathParam("service") String service,
      @PathParam("id") String id,
      Form form,
      @HeaderParam("X-Tutti-User") String user) {
    return Response.seeOther(URI.create(Shown.href(jobs.cancel(service, id, user)))).build();
  }

  private GatheredPage<JobItem> page(String limit, String cursor, Map<String, String> asked) {
    return jobs.list(limit, cursor, asked.get("service"), asked.get("kind"), asked.get("state"));
  }

  private String text(Map<String, Object> document) {
    try {
      return json.writerWithDefaultPrettyPrinter().writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A job's document cannot be written", e);
    }
  }

  private static Map<String, String> asked(String service, String kind, String state) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("service", Asked.given(service));
    asked.put("kind", Asked.given(kind));
    asked.put("state", Asked.given(state));
    return asked;
  }

  private static List<Object> cells(JobItem job) {
    return Arrays.asList(
        job.service(),
        job.id(),
        job.kind(),
        ContractEnums.word(job.state()),
        job.done(),
        job.total(),
        job.unit(),
        job.message(),
        job.user(),
        job.attempts(),
        job.createdAt(),
        job.endedAt(),
        job.error() == null ? null : job.error().message());
  }
}
