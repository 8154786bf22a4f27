package dev.tutti.registry.console;

import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Names;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.DatasetResource;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Field.Input;
import dev.tutti.registry.v1.CostUnit;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The page that imports lines to a dataset. */
@Browsed
@Path("/console/imports")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class ImportPages {

  private static final String REST = "/api/v1/datasets/";

  /** Where the REST tells what is wrong with the lines. */
  private static final String FILE = "body";

  private final DatasetResource datasets;
  private final Visit visit;

  ImportPages(DatasetResource datasets, Visit visit) {
    this.datasets = datasets;
    this.visit = visit;
  }

  /** The form; with the name of a dataset to which lines are added. */
  @GET
  public TemplateInstance form(@QueryParam("dataset") String dataset) {
    return form(field -> field.equals("name") ? Asked.shown(dataset) : "", null);
  }

  /** Imports the lines of a file, while they arrive. */
  @POST
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  public Response take(
      InputStream body,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) MediaType type,
      @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    FileForm sent = FileForm.read(visit, type, body, FILE);
    Form form = sent.fields();
    return sent.use(
        (lines, encoding) ->
            FileForm.toJob(
                datasets.imports(
                    Asked.shown(form.text("name")),
                    lines,
                    form.text("on_conflict"),
                    form.text("cost_unit"),
                    ignored(form),
                    encoding,
                    user)),
        problem -> form(form::typed, problem));
  }

  private static String ignored(Form form) {
    List<String> keys = form.lines("ignore");
    return keys.isEmpty() ? null : String.join(",", keys);
  }

  private TemplateInstance form(UnaryOperator<String> typed, Problem problem) {
    var units = new ArrayList<>(List.of(""));
    units.addAll(ContractEnums.words(CostUnit.class).keySet());
    List<Field> fields =
        new Fields(typed, problem)
            .required(
                "name",
                "Dataset",
                Input.TEXT,
                "%s. Made where there is none; lines are added to one that is there."
                    .formatted(Names.RULE))
            .choice(
                "cost_unit",
                "Costs are",
                Input.CHOICE,
                units,
                "What cost means in the lines: the call in US dollars, a list price, or relative to something that the source says. Of a new dataset usd_per_call where it is left out; later imports must agree.")
            .choice(
                "on_conflict",
                "A line that contradicts",
                Input.CHOICE,
                List.of("", "refuse", "replace"),
                "What becomes of a line that says something else than what is stored under its id; refused where it is left out.")
            .add(
                "ignore",
                "Keys left out",
                Input.LINES,
                "Of queries and outcomes, one a line, 32 at most. Whatever else a line holds that is not known refuses it.")
            .all();
    String name = Asked.shown(typed.apply("name")).strip();
    Curl call =
        new Curl(
            "The same as a call",
            "curl -s -X POST '%s%s%s/imports' -H 'Content-Type: application/x-ndjson' --data-binary @outcomes.jsonl"
                .formatted(visit.base(), REST, name.isEmpty() ? "NAME" : Curl.encoded(name)));
    return Templates.importForm(
        visit.frame(Section.DATASETS, "Import lines", call), fields, problem);
  }
}
