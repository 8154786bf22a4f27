package dev.tutti.registry.console;

import dev.tutti.registry.Names;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.RecordingResource;
import dev.tutti.registry.console.Field.Input;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.function.UnaryOperator;

/** The page that makes a dataset of rated decisions and the texts that a file says of them. */
@Browsed
@Path("/console/rated")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class RatedPages {

  private static final String REST = "/api/v1/recordings/decisions";

  /** Where the REST tells what is wrong with the lines. */
  private static final String FILE = "body";

  private final RecordingResource recordings;
  private final Visit visit;

  RatedPages(RecordingResource recordings, Visit visit) {
    this.recordings = recordings;
    this.visit = visit;
  }

  /** The form; with the name of a dataset to which outcomes are added. */
  @GET
  public TemplateInstance form(@QueryParam("dataset") String dataset) {
    return form(field -> field.equals("dataset") ? Asked.shown(dataset) : "", null);
  }

  /** Starts it. */
  @POST
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  public Response start(
      InputStream body,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) MediaType type,
      @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    FileForm sent = FileForm.read(visit, type, body, FILE);
    Form form = sent.fields();
    List<String> ensembles = form.lines("ensembles");
    return sent.use(
        (lines, encoding) ->
            FileForm.toJob(
                recordings.decisions(
                    lines,
                    form.text("dataset"),
                    ensembles.isEmpty() ? null : String.join(",", ensembles),
                    form.text("from"),
                    form.text("to"),
                    form.text("least_ratings"),
                    form.text("split"),
                    form.text("on_conflict"),
                    encoding,
                    user)),
        problem -> form(form::typed, problem));
  }

  private TemplateInstance form(UnaryOperator<String> typed, Problem problem) {
    List<Field> fields =
        new Fields(typed, problem)
            .required(
                "dataset",
                "Dataset",
                Input.TEXT,
                "%s. Made where there is none; outcomes are added to one that is there."
                    .formatted(Names.RULE))
            .add(
                "ensembles",
                "Ensembles",
                Input.LINES,
                "Only decisions of these ensembles and models, one name a line; of all where it is left out.")
            .add("from", "From", Input.TEXT, "The first moment that counts: 2026-11-26T00:00:00Z.")
            .add("to", "To", Input.TEXT, "The first moment that does not any more.")
            .add(
                "least_ratings",
                "Ratings needed",
                Input.NUMBER,
                "Of a member's answer, 1 to 1,000; 1 where it is left out.")
            .add("split", "Split", Input.TEXT, "Of all queries, such as train.")
            .choice(
                "on_conflict",
                "A line that contradicts",
                Input.CHOICE,
                List.of("", "refuse", "replace"),
                "What becomes of a line that says something else than what is stored under its id, as after further ratings; refused where it is left out.")
            .all();
    Curl call =
        new Curl(
            "The same as a call",
            "curl -s -X POST '%s%s?dataset=%s' -H 'Content-Type: application/x-ndjson' --data-binary @asked.jsonl"
                .formatted(
                    visit.base(),
                    REST,
                    Curl.encoded(
                        typed.apply("dataset") == null || typed.apply("dataset").isBlank()
                            ? "NAME"
                            : typed.apply("dataset").strip())));
    return Templates.ratedForm(
        visit.frame(Section.DATASETS, "Take over rated decisions", call), fields, problem);
  }
}
