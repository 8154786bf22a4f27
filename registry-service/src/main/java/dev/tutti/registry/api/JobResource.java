package dev.tutti.registry.api;

import dev.tutti.job.v1.JobState;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.ListResponse;
import dev.tutti.kit.job.Jobs;
import dev.tutti.registry.dataset.Imports;
import dev.tutti.registry.dataset.RefusedLine;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of jobs. */
@Path("/api/v1/jobs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "jobs", description = "Long work: imports. By gRPC they can be watched.")
public class JobResource {

  private final Jobs jobs;
  private final Imports imports;

  JobResource(Jobs jobs, Imports imports) {
    this.jobs = jobs;
    this.imports = imports;
  }

  /** Lists them, newest first. */
  @GET
  @Operation(operationId = "listJobs", summary = "Lists jobs, newest first")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit, cursor or state.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<JobItem> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("state")
          @Parameter(
              description =
                  "Only those in this state: queued, running, succeeded, failed or cancelled.")
          String state) {
    ListResponse page =
        jobs.list(
            ListRequest.newBuilder()
                .setPageSize(Parameters.limit(limit))
                .setPageToken(Cursor.read("jobs", cursor).orElse(""))
                .setState(
                    Parameters.word("state", state, JobState.class)
                        .orElse(JobState.JOB_STATE_UNSPECIFIED))
                .build());
    return new Page<>(
        page.getJobsList().stream().map(JobItem::of).toList(),
        page.getNextPageToken().isEmpty() ? null : Cursor.after("jobs", page.getNextPageToken()));
  }

  /** Tells one. */
  @GET
  @Path("/{id}")
  @Operation(operationId = "getJob", summary = "Tells how far a job is")
  @APIResponse(responseCode = "200", description = "The job.")
  @APIResponse(responseCode = "404", description = "There is no such job.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public JobItem get(@PathParam("id") String id) {
    return JobItem.of(jobs.get(id));
  }

  /** Asks one to stop. */
  @POST
  @Path("/{id}/cancel")
  @Operation(
      operationId = "cancelJob",
      summary = "Asks a job to stop",
      description =
          "At once where it waits, within about a second where it runs; what it committed by then stays. Nothing happens"
              + " to a job that has ended.")
  @APIResponse(responseCode = "200", description = "The job as it is now.")
  @APIResponse(responseCode = "404", description = "There is no such job.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public JobItem cancel(@PathParam("id") String id) {
    return JobItem.of(jobs.cancel(id));
  }

  /** Tells the lines that an import refused. */
  @GET
  @Path("/{id}/refusals")
  @Operation(
      operationId = "listRefusals",
      summary = "Tells the lines that an import refused, in order",
      description =
          "The first 10,000; `refused` of the job's result says how many there were, `refusals_kept` how many are here.")
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
    long after = cursor == null ? 0 : Cursor.readNumber(list, cursor);
    String job = jobs.get(id).getId();
    List<RefusedLine> found = imports.refusals(job, after, size + 1);
    return Page.of(found, size, list, RefusedLine::line);
  }
}
