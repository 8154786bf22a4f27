package dev.tutti.registry.console;

import dev.tutti.registry.Entry;
import dev.tutti.registry.Names;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.EnsembleResource;
import dev.tutti.registry.api.ModelResource;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.RecordingItem.EstimateItem;
import dev.tutti.registry.api.RecordingItem.MemberItem;
import dev.tutti.registry.api.RecordingResource;
import dev.tutti.registry.console.Field.Input;
import dev.tutti.registry.recording.Comparison;
import dev.tutti.registry.recording.RecordingParameters;
import dev.tutti.registry.recording.Scorer;
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
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The page that records a dataset: whom to ask which questions, who scores, for how much money. */
@Browsed
@Path("/console/recordings")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class RecordPages {

  private static final String REST = "/api/v1/recordings";

  /** Where the REST tells what is wrong with the lines. */
  private static final String FILE = "body";

  /** Models, and ensembles, that the form lists to tick. */
  private static final String LISTED = "100";

  private final RecordingResource recordings;
  private final ModelResource models;
  private final EnsembleResource ensembles;
  private final Visit visit;

  RecordPages(
      RecordingResource recordings, ModelResource models, EnsembleResource ensembles, Visit visit) {
    this.recordings = recordings;
    this.models = models;
    this.ensembles = ensembles;
    this.visit = visit;
  }

  /**
   * The form as its page shows it.
   *
   * @param fields in their order
   * @param problem for which it was refused; null for none
   * @param estimate what it would cost; null before that was asked
   */
  public record View(List<Field> fields, Problem problem, EstimateItem estimate) {}

  /** The form; with the name of a dataset to which answers are added. */
  @GET
  public TemplateInstance form(@QueryParam("dataset") String dataset) {
    return form(field -> field.equals("dataset") ? Asked.shown(dataset) : "", null, null);
  }

  /** Says what it would cost. */
  @POST
  @Path("/~check")
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  public Response check(
      InputStream body,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) MediaType type,
      @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    return take(body, type, user, true);
  }

  /** Starts it. */
  @POST
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  public Response start(
      InputStream body,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) MediaType type,
      @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    return take(body, type, user, false);
  }

  /** What each member did by now, as CSV. */
  @GET
  @Path("/{id}/members.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response members(@PathParam("id") String id) throws SQLException {
    List<MemberItem> members = recordings.get(id).members();
    return Csv.<MemberItem>of(
        "members",
        List.of("member", "answered", "failed", "known", "usd", "mean_score"),
        _ -> new Csv.Part<>(members, null),
        m ->
            Arrays.asList(m.member(), m.answered(), m.failed(), m.known(), m.usd(), m.meanScore()));
  }

  private Response take(InputStream body, MediaType type, String user, boolean check)
      throws SQLException {
    FileForm sent = FileForm.read(visit, type, body, FILE);
    Form form = sent.fields();
    return sent.use(
        (lines, encoding) -> {
          Response answer = asked(form, lines, encoding, check, user);
          return check
              ? Html.of(form(form::typed, null, (EstimateItem) answer.getEntity()))
              : FileForm.toJob(answer);
        },
        problem -> form(form::typed, problem, null));
  }

  private Response asked(Form form, InputStream lines, String encoding, boolean check, String user)
      throws SQLException {
    return recordings.record(
        lines,
        form.text("dataset"),
        members(form),
        form.text("scorer"),
        form.text("judge"),
        form.text("budget_usd"),
        form.text("concurrency"),
        form.text("split"),
        form.text("system"),
        form.text("temperature"),
        form.text("top_p"),
        form.text("max_tokens"),
        form.text("seed"),
        form.text("on_conflict"),
        Boolean.toString(check),
        encoding,
        user);
  }

  /** Those that are ticked, and those that are written. */
  private static String members(Form form) {
    Set<String> members = new LinkedHashSet<>(form.all("members"));
    members.addAll(form.lines("more_members"));
    return members.isEmpty() ? null : String.join(",", members);
  }

  private TemplateInstance form(
      UnaryOperator<String> typed, Problem problem, EstimateItem estimate) {
    return Templates.recordForm(
        visit.frame(Section.DATASETS, "Record a dataset", call(typed)),
        new View(fields(typed, problem), problem, estimate));
  }

  private List<Field> fields(UnaryOperator<String> typed, Problem problem) {
    return new Fields(typed, problem)
        .required(
            "dataset",
            "Dataset",
            Input.TEXT,
            "%s. Made where there is none; answers are added to one that is there, and what it has is not asked again."
                .formatted(Names.RULE))
        .choice(
            "members",
            "Members",
            Input.CHECKS,
            names(),
            "Who is asked: models and ensembles, 1 to 64.")
        .add(
            "more_members",
            "Further members",
            Input.LINES,
            "Names, one a line, of those that are not listed above.")
        .choice(
            "scorer",
            "Scorer",
            Input.CHOICE,
            scorers(),
            "What makes a score of 0 to 1: exact, the same words as the reference; number, the final number; choice, the letter of an option; contains, the reference's words; f1, words in common; judge, a member grades from 1 to 10.")
        .add("judge", "Judge", Input.TEXT, "The member that grades, with the scorer judge.")
        .required(
            "budget_usd",
            "Budget",
            Input.NUMBER,
            "US dollars that all calls may cost, the judge's and failed ones too.")
        .add(
            "max_tokens",
            "Longest answer",
            Input.NUMBER,
            "Tokens; as the member does where it is left out, and expected to be 256 then.")
        .add(
            "temperature",
            "Temperature",
            Input.NUMBER,
            "0 to 2; as the member does where it is left out.")
        .add(
            "top_p",
            "Probability mass",
            Input.NUMBER,
            "Above 0, at most 1; as the member does where it is left out.")
        .add("seed", "Seed", Input.NUMBER, "Of every answer. A whole number.")
        .add("system", "System message", Input.LINES, "Before conversations that have none.")
        .add("split", "Split", Input.TEXT, "Of all questions, such as train.")
        .add(
            "concurrency",
            "Calls at once",
            Input.NUMBER,
            "1 to %d; %d where it is left out."
                .formatted(RecordingParameters.MOST_AT_ONCE, RecordingParameters.USUAL_CONCURRENCY))
        .choice(
            "on_conflict",
            "Answers that the dataset has",
            Input.CHOICE,
            List.of("", "refuse", "replace"),
            "Not asked for again where it is left out; replace asks for all.")
        .all();
  }

  private static List<String> scorers() {
    var scorers = new ArrayList<String>();
    for (Comparison comparison : Comparison.values()) {
      scorers.add(comparison.word());
    }
    scorers.add(Scorer.JUDGE);
    return scorers;
  }

  private List<String> names() {
    return Stream.of(
            models.list(LISTED, null, null, null, null),
            ensembles.list(LISTED, null, null, null, null, null))
        .flatMap(page -> page.items().stream())
        .filter(Entry::served)
        .map(Entry::name)
        .toList();
  }

  private Curl call(UnaryOperator<String> typed) {
    var asked = new LinkedHashMap<String, String>();
    for (String field : List.of("dataset", "members", "scorer", "judge", "budget_usd")) {
      asked.put(field, Asked.given(Asked.shown(typed.apply(field)).replace('\n', ',')));
    }
    asked.computeIfAbsent("dataset", _ -> "NAME");
    asked.computeIfAbsent("members", _ -> "NAME,NAME");
    asked.computeIfAbsent("scorer", _ -> "number");
    asked.computeIfAbsent("budget_usd", _ -> "1");
    return new Curl(
        "The same as a call",
        "curl -s -X POST '%s%s%s' -H 'Content-Type: application/x-ndjson' --data-binary @questions.jsonl"
            .formatted(visit.base(), REST, Curl.query(asked)));
  }
}
