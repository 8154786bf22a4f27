package dev.tutti.registry.api;

import dev.tutti.job.v1.JobState;
import dev.tutti.registry.admin.JobAdmin;
import dev.tutti.registry.admin.JobOf;
import dev.tutti.registry.dataset.Imports;
import dev.tutti.registry.dataset.RefusedLine;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of jobs: the registry's own, and those of the services that learn. */
@Path("/api/v1/jobs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(
    name = "jobs",
    description =
        "Long work: imports, recordings, fits, evaluations. By gRPC they can be watched, in the service that runs them.")
public class JobResource {

  private static final String SERVICE =
      "Who runs it: registry-service, router-service, decoder-service, fusion-service or cascade-service.";

  private final JobAdmin jobs;
  private final Imports imports;

  JobResource(JobAdmin jobs, Imports imports) {
    this.jobs = jobs;
    this.imports = imports;
  }

  /** Lists them, newest first. */
  @GET
  @Operation(
      operationId = "listJobs",
      summary = "Lists jobs of all services, newest first",
      description =
          "Without `service`, one that cannot be asked is named in `unavailable` and the rest is told.")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit, cursor, kind or state.")
  @APIResponse(responseCode = "404", description = "There is no such service.")
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public GatheredPage<JobItem> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("service") @Parameter(description = "Only those of this service.") String service,
      @QueryParam("kind")
          @Parameter(
              description =
                  "Only those of this kind: import, record, record-decisions, fit or evaluate.")
          String kind,
      @QueryParam("state")
          @Parameter(
              description =
                  "Only those in this state: queued, running, succeeded, failed or cancelled.")
          String state) {
    var wanted =
        new JobAdmin.Wanted(
            Parameters.text("service", service),
            Parameters.text("kind", kind),
            Parameters.word("state", state, JobState.class).orElse(JobState.JOB_STATE_UNSPECIFIED));
    String list = "jobs/" + wanted.service();
    JobAdmin.Found found =
        jobs.list(
            wanted,
            Cursor.read(list, cursor).map(JobResource::places).orElse(Map.of()),
            Parameters.limit(limit));
    return GatheredPage.of(
        found.jobs().stream().map(JobItem::of).toList(),
        found.places().isEmpty() ? null : Cursor.after(list, text(found.places())),
        found.unavailable());
  }

  private static String text(Map<String, String> places) {
    return places.entrySet().stream()
        .map(place -> place.getKey() + "=" + place.getValue())
        .collect(Collectors.joining(","));
  }

  private static Map<String, String> places(String text) {
    var places = new LinkedHashMap<String, String>();
    for (String place : text.split(",")) {
      int sign = place.indexOf('=');
      if (sign < 0) {
        throw Cursor.wrong();
      }
      places.put(place.substring(0, sign), place.substring(sign + 1));
    }
    return places;
  }

  /** Tells one of the registry's own. */
  @GET
  @Path("/{id}")
  @Operation(operationId = "getImport", summary = "Tells how far an import or a recording is")
  @APIResponse(responseCode = "200", description = "The job.")
  @APIResponse(responseCode = "404", description = "There is no such job.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public JobItem get(@PathParam("id") String id) {
    return get(JobAdmin.OWN, id);
  }

  /** Tells one of any service. */
  @GET
  @Path("/{service}/{id}")
  @Operation(operationId = "getJob", summary = "Tells how far a job is")
  @APIResponse(responseCode = "200", description = "The job.")
  @APIResponse(responseCode = "404", description = "There is no such job, or service.")
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public JobItem get(
      @PathParam("service") @Parameter(description = SERVICE) String service,
      @PathParam("id") String id) {
    return JobItem.of(new JobOf(service, jobs.get(service, id)));
  }

  /** Asks one of the registry's own to stop. */
  @POST
  @Path("/{id}/cancel")
  @Operation(
      operationId = "cancelImport",
      summary = "Asks an import or a recording to stop",
      description =
          "At once where it waits, within about a second where it runs; what it committed by then stays. Nothing happens"
              + " to a job that has ended.")
  @APIResponse(responseCode = "200", description = "The job as it is now.")
  @APIResponse(responseCode = "404", description = "There is no such job.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public JobItem cancel(
      @PathParam("id") String id,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return cancel(JobAdmin.OWN, id, user);
  }

  /** Asks one of any service to stop. */
  @POST
  @Path("/{service}/{id}/cancel")
  @Operation(
      operationId = "cancelJob",
      summary = "Asks a job to stop",
      description =
          "At once where it waits, within about a second where it runs. Nothing happens to a job that has ended.")
  @APIResponse(responseCode = "200", description = "The job as it is now.")
  @APIResponse(responseCode = "404", description = "There is no such job, or service.")
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public JobItem cancel(
      @PathParam("service") @Parameter(description = SERVICE) String service,
      @PathParam("id") String id,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return JobItem.of(new JobOf(service, jobs.cancel(service, id, Parameters.author(user))));
  }

  /** Tells the lines that an import refused. */
  @GET
  @Path("/{id}/refusals")
  @Operation(
      operationId = "listRefusals",
      summary = "Tells what an import or a recording refused, by line",
      description =
          "The first 10,000; `refused` (and `failed`) of the job's result says how many there were, `refusals_kept` how many are here. Of a recording, a field `models.NAME` is a member that failed at the line's question.")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "404", description = "There is no such job.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<RefusedLine> refusals(
      @PathParam("id") String id,
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor)
      throws SQLException {
    int size = Parameters.limit(limit);
    String list = "refusals/" + id;
    RefusedLine.Place after = Cursor.read(list, cursor).map(JobResource::refusal).orElse(null);
    String job = jobs.get(JobAdmin.OWN, id).getId();
    List<RefusedLine> found = imports.refusals(job, after, size + 1);
    return Page.of(found, size, list, its -> its.line() + " " + its.field());
  }

  private static RefusedLine.Place refusal(String text) {
    int blank = text.indexOf(' ');
    try {
      return new RefusedLine.Place(
          Long.parseLong(text.substring(0, Math.max(0, blank))), text.substring(blank + 1));
    } catch (NumberFormatException e) {
      throw Cursor.wrong();
    }
  }
}
