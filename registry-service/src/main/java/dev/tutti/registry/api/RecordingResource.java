package dev.tutti.registry.api;

import dev.tutti.job.v1.Job;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.admin.JobAdmin;
import dev.tutti.registry.recording.RatedParameters;
import dev.tutti.registry.recording.RecordingParameters;
import dev.tutti.registry.recording.Recordings;
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
import java.io.InputStream;
import java.net.URI;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST that has members answer questions, and makes recorded outcomes of it. */
@Path("/api/v1/recordings")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(
    name = "datasets",
    description = "Recorded outcomes, from which routers, cascades and fusion methods are fitted.")
public class RecordingResource {

  private static final String LINES = "application/x-ndjson";

  private final Recordings recordings;
  private final JobAdmin jobs;

  RecordingResource(Recordings recordings, JobAdmin jobs) {
    this.recordings = recordings;
    this.jobs = jobs;
  }

  /** Starts a recording, or says what it would cost. */
  @POST
  @Consumes({LINES, "application/jsonl"})
  @Operation(
      operationId = "record",
      summary = "Asks members questions, scores their answers, and makes a dataset of it",
      description =
          "The questions are kept first, then a job asks each of them of each member, through the front door's gRPC: its"
              + " progress is at `/api/v1/jobs/{id}` and, by member, at `/api/v1/recordings/{id}`. A line is `{\"prompt\" or"
              + " \"messages\": [{\"role\", \"content\"}], \"reference\" or \"references\": [], \"domain\"?, \"id\"?}`. All"
              + " references count for the score; a dataset's query has one reference, and keeps the first. The"
              + " dataset is made where there is none; answers that it has already are not asked for again, so the same"
              + " call goes on where one ended. A call that fails for now is tried 4 times; what fails then is told at"
              + " `/api/v1/jobs/{id}/refusals`, with the lines that cannot be taken. A question is begun only where what is"
              + " left of the budget pays for all that is to be asked about it, as it is expected: by prices and"
              + " `max_tokens`, or as much as a member's dearest call did cost.")
  @RequestBody(
      description =
          "Lines of at most 1 MiB, together at most 64 MiB uncompressed. With `Content-Encoding: gzip` compressed.",
      required = true,
      content =
          @Content(
              mediaType = LINES,
              schema = @Schema(type = SchemaType.STRING, format = "binary")))
  @APIResponse(
      responseCode = "200",
      description = "With `validate_only`: what it would ask and cost.",
      content = @Content(schema = @Schema(implementation = RecordingItem.EstimateItem.class)))
  @APIResponse(
      responseCode = "202",
      description = "All lines are kept; the job that asks.",
      headers = @Header(name = "Location", description = "The job's path."),
      content = @Content(schema = @Schema(implementation = JobItem.class)))
  @APIResponse(
      responseCode = "400",
      description = "A wrong parameter, an empty body, or one that broke off.")
  @APIResponse(responseCode = "413", description = "The lines have more than 64 MiB.")
  @APIResponse(responseCode = "415", description = "Another type or encoding of the body.")
  @APIResponse(
      responseCode = "422",
      description =
          "The dataset has another `cost_unit` than usd_per_call, or a member is not there, not served, or writes nothing.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response record(
      InputStream body,
      @QueryParam("dataset") @Parameter(description = "Name of the dataset. Required.")
          String dataset,
      @QueryParam("members")
          @Parameter(
              description =
                  "Who is asked: 1 to 64 names of models and ensembles, separated by commas. Required.")
          String members,
      @QueryParam("scorer")
          @Parameter(
              description =
                  "What makes a score of 0 to 1 of an answer: `exact` (the same words), `number` (the final number),"
                      + " `choice` (the letter of an option), `contains` (the reference's words), `f1` (words in common) hold"
                      + " it against the references, of which the best counts; `judge` has a member grade it from 1 to"
                      + " 10. Required.")
          String scorer,
      @QueryParam("judge")
          @Parameter(
              description =
                  "The member that grades, with the scorer judge; references are optional then.")
          String judge,
      @QueryParam("budget_usd")
          @Parameter(
              description =
                  "US dollars that all calls may cost, the judge's and failed ones too. Required.")
          String budgetUsd,
      @QueryParam("concurrency")
          @Parameter(description = "Calls at once, 1 to 32; 4 where it is absent.")
          String concurrency,
      @QueryParam("split")
          @Parameter(description = "Split of all queries, e.g. train; none where it is absent.")
          String split,
      @QueryParam("system")
          @Parameter(
              description =
                  "System message before conversations that have none. What an address has no room for stands in the lines'"
                      + " messages.")
          String system,
      @QueryParam("temperature")
          @Parameter(description = "0 to 2; as the member does where it is absent.")
          String temperature,
      @QueryParam("top_p")
          @Parameter(description = "Above 0, at most 1; as the member does where it is absent.")
          String topP,
      @QueryParam("max_tokens")
          @Parameter(
              description =
                  "Longest answer, in tokens; as the member does where it is absent, and expected to be 256 then.")
          String maxTokens,
      @QueryParam("seed") @Parameter(description = "Seed of every answer.") String seed,
      @QueryParam("on_conflict")
          @Parameter(
              description =
                  "What becomes of answers that the dataset has: `refuse`, the default, asks for none of them again, and"
                      + " refuses a line that says something else than is stored under its id; `replace` asks for all.")
          String onConflict,
      @QueryParam("validate_only")
          @Parameter(description = "true: says what it would ask and cost, and begins nothing.")
          String validateOnly,
      @HeaderParam("Content-Encoding") @Parameter(description = "gzip, or absent.") String encoding,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    var asked =
        new RecordingParameters(
            dataset,
            null,
            members == null ? null : List.of(members.split(",", -1)),
            scorer,
            judge,
            decimal("budget_usd", budgetUsd),
            whole("concurrency", concurrency),
            split,
            system,
            decimal("temperature", temperature),
            decimal("top_p", topP),
            whole("max_tokens", maxTokens),
            whole("seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
            replace(onConflict));
    boolean estimated = Parameters.validateOnly(validateOnly);
    InputStream lines = DatasetResource.decoded(body, encoding);
    if (estimated) {
      return Response.ok(RecordingItem.EstimateItem.of(recordings.estimate(asked, lines))).build();
    }
    return accepted(recordings.accept(asked, lines, author));
  }

  /** Makes recorded outcomes of rated decisions. */
  @POST
  @Path("/decisions")
  @Consumes({LINES, "application/jsonl"})
  @Operation(
      operationId = "recordDecisions",
      summary = "Makes a dataset of rated decisions",
      description =
          "The front door keeps how answers were rated (feedback of kind rating, correct and failed), what they cost and what"
              + " they said of themselves, and nothing of what was asked: each line says that, of a decision by its id"
              + " (response header `x-tutti-decision-id`): `{\"decision\", \"prompt\" or \"messages\", \"reference\"?,"
              + " \"domain\"?}`. A job makes a query of each, with an outcome of every member that was rated: the score is the"
              + " mean of its ratings, `ratings` among its numbers how many there are, and the answer itself is there where"
              + " the decision has all of it. A decision that is not there, not rated, or not of those asked for is refused;"
              + " its line is told at `/api/v1/jobs/{id}/refusals`.")
  @RequestBody(
      description =
          "Lines of at most 1 MiB, together at most 64 MiB uncompressed. With `Content-Encoding: gzip` compressed.",
      required = true,
      content =
          @Content(
              mediaType = LINES,
              schema = @Schema(type = SchemaType.STRING, format = "binary")))
  @APIResponse(
      responseCode = "202",
      description = "All lines are kept; the job that takes them over.",
      headers = @Header(name = "Location", description = "The job's path."),
      content = @Content(schema = @Schema(implementation = JobItem.class)))
  @APIResponse(
      responseCode = "400",
      description = "A wrong parameter, an empty body, or one that broke off.")
  @APIResponse(responseCode = "413", description = "The lines have more than 64 MiB.")
  @APIResponse(responseCode = "415", description = "Another type or encoding of the body.")
  @APIResponse(
      responseCode = "422",
      description = "The dataset has another `cost_unit` than usd_per_call.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response decisions(
      InputStream body,
      @QueryParam("dataset") @Parameter(description = "Name of the dataset. Required.")
          String dataset,
      @QueryParam("ensembles")
          @Parameter(
              description =
                  "Only decisions of these ensembles and models: 1 to 64 names, separated by commas.")
          String ensembles,
      @QueryParam("from") @Parameter(description = "The first moment that counts.") String from,
      @QueryParam("to") @Parameter(description = "The first moment that does not any more.")
          String to,
      @QueryParam("least_ratings")
          @Parameter(
              description =
                  "Ratings that a member's answer needs, 1 to 1,000; 1 where it is absent.")
          String leastRatings,
      @QueryParam("split")
          @Parameter(description = "Split of all queries, e.g. train; none where it is absent.")
          String split,
      @QueryParam("on_conflict")
          @Parameter(
              description =
                  "What becomes of a line that says something else than what is stored under its id, as after further"
                      + " ratings: `refuse`, the default, or `replace`.")
          String onConflict,
      @HeaderParam("Content-Encoding") @Parameter(description = "gzip, or absent.") String encoding,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    var asked =
        new RatedParameters(
            dataset,
            null,
            ensembles == null ? null : List.of(ensembles.split(",", -1)),
            Parameters.time("from", from).map(Instant::toString).orElse(null),
            Parameters.time("to", to).map(Instant::toString).orElse(null),
            whole("least_ratings", leastRatings),
            split,
            replace(onConflict));
    Job job = recordings.acceptRated(asked, DatasetResource.decoded(body, encoding), author);
    return accepted(job);
  }

  private static Response accepted(Job job) {
    return Response.accepted(JobItem.ofOwn(job))
        .location(URI.create("/api/v1/jobs/" + job.getId()))
        .build();
  }

  /** Tells how far one is. */
  @GET
  @Path("/{id}")
  @Operation(
      operationId = "getRecording",
      summary = "Tells how far a recording is, by member",
      description =
          "What it is asked, and what came of it, is the job's: `/api/v1/jobs/{id}`, which can be asked to stop there. What"
              + " was taken over by then stays in the dataset; of the questions that were under way, 32 at most, paid"
              + " answers are dropped.")
  @APIResponse(
      responseCode = "200",
      description = "The recording.",
      content = @Content(schema = @Schema(implementation = RecordingItem.class)))
  @APIResponse(responseCode = "404", description = "There is no such recording.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public RecordingItem get(@PathParam("id") String id) throws SQLException {
    Job job = jobs.get(JobAdmin.OWN, id);
    if (!job.getKind().equals("record")) {
      throw new Refusal.NotFound("Job '%s' is no recording.".formatted(job.getId())).exception();
    }
    return RecordingItem.of(job, recordings.progress(job.getId()));
  }

  private static boolean replace(String onConflict) {
    return switch (onConflict) {
      case null -> false;
      case "refuse" -> false;
      case "replace" -> true;
      default -> throw Refusal.malformed("on_conflict", "on_conflict must be refuse or replace.");
    };
  }

  private static Double decimal(String name, String text) {
    try {
      return text == null ? null : Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw Refusal.malformed(name, "%s must be a number.".formatted(name));
    }
  }

  private static Integer whole(String name, String text) {
    Long number = whole(name, text, Integer.MIN_VALUE, Integer.MAX_VALUE);
    return number == null ? null : number.intValue();
  }

  private static Long whole(String name, String text, long least, long most) {
    try {
      if (text == null) {
        return null;
      }
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw Refusal.malformed(name, "%s must be a whole number.".formatted(name));
  }
}
