package dev.tutti.registry.recording;

import com.google.protobuf.Struct;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobHandler;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.dataset.DatasetStore;
import dev.tutti.registry.dataset.ImportBatch;
import dev.tutti.registry.dataset.ImportParameters;
import dev.tutti.registry.dataset.JsonLine;
import dev.tutti.registry.dataset.LineChunks;
import dev.tutti.registry.dataset.Merge;
import dev.tutti.registry.dataset.Uploads;
import dev.tutti.registry.recording.PaidCalls.Paid;
import dev.tutti.registry.recording.PaidCalls.Place;
import dev.tutti.registry.recording.RecordingCounts.Tally;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.RecordedQuery;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.math.MathContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Asks members the questions of an uploaded body, window by window: the rows of a window, what was
 * refused or failed, the counts and the place in the body stand in one transaction, which forgets
 * the paid calls that it takes over.
 */
@ApplicationScoped
class RecordHandler implements JobHandler {

  static final String KIND = "record";

  /** Questions whose answers are taken over together. */
  private static final int WINDOW = 32;

  private final Uploads uploads;
  private final DatasetStore datasets;
  private final RegistryStore registry;
  private final Asking asking;
  private final PaidCalls paid;

  RecordHandler(
      Uploads uploads,
      DatasetStore datasets,
      RegistryStore registry,
      Asking asking,
      PaidCalls paid) {
    this.uploads = uploads;
    this.datasets = datasets;
    this.registry = registry;
    this.asking = asking;
    this.paid = paid;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public String unit() {
    return "answers";
  }

  @Override
  public void check(Struct parameters) {
    RecordingParameters.of(parameters);
  }

  @Override
  public Struct run(JobContext job) throws SQLException, InterruptedException {
    RecordingParameters parameters = RecordingParameters.of(job.parameters());
    RecordingCounts counts =
        job.checkpoint().map(RecordingCounts::read).orElse(RecordingCounts.NONE);
    Uploads.Body body =
        uploads
            .body(parameters.upload(), parameters.dataset())
            .orElseThrow(() -> gone("There is no such upload of this dataset."));
    return new Run(job, parameters, body, counts, paid.of(job.id())).run();
  }

  private static RuntimeException gone(String message) {
    return new Failure.NotFound("parameters.upload", "UPLOAD_NOT_FOUND", message).exception();
  }

  /** Some lines of a chunk. */
  private record Piece(
      List<Question> questions, List<ImportBatch.Refused> refused, int next, long nextLine) {}

  /** One attempt. Confined to the job's thread. */
  private final class Run {

    private final JobContext job;
    private final RecordingParameters parameters;
    private final Uploads.Body body;
    private final QuestionParser parser;
    private final Roster roster;
    private final Purse purse;
    private final Calls calls;
    private final Window window;
    private final Map<Place, Paid> before;
    private final long total;
    private RecordingCounts counts;

    Run(
        JobContext job,
        RecordingParameters parameters,
        Uploads.Body body,
        RecordingCounts counts,
        Map<Place, Paid> before)
        throws SQLException {
      this.job = job;
      this.parameters = parameters;
      this.body = body;
      this.counts = counts;
      this.before = before;
      this.parser = parameters.parser();
      this.roster = Roster.of(registry.load(), parameters);
      this.purse =
          new Purse(
              parameters.budgetUsd(),
              counts.usd()
                  + before.values().stream().mapToDouble(p -> p.usd() + p.judgeUsd()).sum());
      this.calls = new Calls(job.id(), parameters, roster, asking, paid, purse, counts);
      this.window = new Window(calls, purse, roster, parameters.atOnce(), this::progress);
      this.total = counts.done() + questionsFrom(counts) * roster.members().size();
    }

    Struct run() throws SQLException, InterruptedException {
      while (counts.chunk() < body.chunks() && counts.left() == 0) {
        LineChunks.Chunk chunk = chunk(counts.chunk());
        List<LineChunks.Part> parts = chunk.parts();
        int at = 0;
        while (at < parts.size() && parts.get(at).number() < counts.line()) {
          at++;
        }
        while (at < parts.size() && counts.left() == 0) {
          Piece piece = piece(chunk, parts, at);
          at = piece.next();
          take(piece, at == parts.size());
        }
      }
      return counts.report(parameters.budgetUsd(), questionsFrom(counts));
    }

    private LineChunks.Chunk chunk(int number) throws SQLException {
      return uploads
          .chunk(parameters.upload(), number)
          .orElseThrow(() -> gone("Another job took over what the upload held."));
    }

    /** Questions from a place of the body on. */
    private long questionsFrom(RecordingCounts place) throws SQLException {
      long questions = 0;
      for (int number = place.chunk(); number < body.chunks(); number++) {
        LineChunks.Chunk chunk = chunk(number);
        for (LineChunks.Part part : chunk.parts()) {
          if (part.number() >= place.line()) {
            try {
              questions += parser.parse(chunk, part).isPresent() ? 1 : 0;
            } catch (JsonLine.WrongException e) {
              // It will be told when it is its turn.
            }
          }
        }
      }
      return questions;
    }

    /** Lines up to a window's questions, or up to one whose id the window has already. */
    private Piece piece(LineChunks.Chunk chunk, List<LineChunks.Part> parts, int from) {
      var questions = new ArrayList<Question>();
      var refused = new ArrayList<ImportBatch.Refused>();
      Set<String> ids = new HashSet<>();
      int at = from;
      while (at < parts.size() && questions.size() < WINDOW) {
        LineChunks.Part part = parts.get(at);
        try {
          Optional<Question> question = parser.parse(chunk, part);
          if (question.isPresent()) {
            if (!ids.add(question.get().id())) {
              break;
            }
            questions.add(question.get());
          }
        } catch (JsonLine.WrongException e) {
          refused.add(new ImportBatch.Refused(part.number(), e.error()));
        }
        at++;
      }
      return new Piece(questions, refused, at, parts.get(at - 1).number() + 1);
    }

    private void take(Piece piece, boolean last) throws SQLException, InterruptedException {
      Map<String, RecordedQuery> stored =
          datasets.find(
              parameters.dataset(),
              piece.questions().stream().map(Question::id).collect(Collectors.toSet()));
      var refused = new ArrayList<>(piece.refused());
      var open = new ArrayList<Question>();
      for (Question question : piece.questions()) {
        Optional<FieldError> contradiction = contradiction(stored.get(question.id()), question);
        if (contradiction.isPresent()) {
          refused.add(new ImportBatch.Refused(question.line(), contradiction.get()));
        } else {
          open.add(question);
        }
      }
      Window.Result result = window.ask(open, parameters.replaces() ? Map.of() : stored, before);
      commit(piece, last, refused, result, stored);
      progress();
    }

    /** Told before anybody is asked: it would be refused afterwards. */
    private Optional<FieldError> contradiction(RecordedQuery stored, Question question) {
      return stored == null || parameters.replaces()
          ? Optional.empty()
          : Merge.of(stored, question.query()).contradictions().stream().findFirst();
    }

    private void commit(
        Piece piece,
        boolean last,
        List<ImportBatch.Refused> refused,
        Window.Result result,
        Map<String, RecordedQuery> stored)
        throws SQLException {
      var rows = new TreeMap<Long, RecordedQuery>();
      var failures = new ArrayList<ImportBatch.Refused>();
      var tallies = new TreeMap<String, Tally>();
      Tally judge = Tally.NONE;
      for (Window.Asked one : result.asked()) {
        RecordedQuery.Builder row = one.question().query().toBuilder();
        for (Made made : one.made()) {
          switch (made) {
            case Made.Answered its -> row.addOutcomes(its.outcome());
            case Made.Failed its ->
                failures.add(
                    new ImportBatch.Refused(
                        one.question().line(),
                        new FieldError("models." + its.member(), its.reason())));
            case Made.Known _ -> {
              // It stays.
            }
          }
          tallies.merge(made.member(), made.tally(), Tally::plus);
          judge = judge.plus(new Tally(0, 0, 0, made.judgeUsd(), 0, made.judgeUsd()));
          if (!(made instanceof Made.Known)) {
            before.remove(new Place(one.question().line(), made.member()));
          }
        }
        if (row.getOutcomesCount() > 0 || stored.containsKey(row.getId())) {
          rows.put(one.question().line(), sorted(row));
        }
      }
      // Paid before, and of no use: there is no money for the judge, or the dataset has another.
      for (Map.Entry<Place, Paid> one : before.entrySet()) {
        if (one.getKey().line() < piece.nextLine()) {
          Tally its = new Tally(0, 0, 0, one.getValue().usd(), 0, 0);
          tallies.merge(one.getKey().member(), its, Tally::plus);
          judge = judge.plus(new Tally(0, 0, 0, one.getValue().judgeUsd(), 0, 0));
        }
      }
      RecordingCounts after = counts.plus(tallies, judge, result.left());
      RecordingCounts[] written = new RecordingCounts[1];
      job.commit(
          connection -> {
            written[0] = write(connection, after, rows, refused, failures, piece, last);
            return written[0].bytes();
          });
      counts = written[0];
      calls.counted();
      before.keySet().removeIf(place -> place.line() < piece.nextLine());
    }

    private RecordingCounts write(
        Connection connection,
        RecordingCounts after,
        SortedMap<Long, RecordedQuery> rows,
        List<ImportBatch.Refused> refused,
        List<ImportBatch.Refused> failures,
        Piece piece,
        boolean last)
        throws SQLException {
      var into =
          new ImportParameters(
              parameters.dataset(),
              parameters.upload(),
              parameters.replaces(),
              Optional.of(CostUnit.COST_UNIT_USD_PER_CALL),
              Set.of());
      ImportBatch.Result result =
          ImportBatch.of(into, rows, refused).write(connection, after.imported());
      long kept = Uploads.refuse(connection, job.id(), result.refused(), after.imported().kept());
      kept = Uploads.refuse(connection, job.id(), failures, kept);
      PaidCalls.forget(connection, job.id(), piece.nextLine());
      Uploads.hold(connection, parameters.upload());
      if (last) {
        Uploads.dropChunk(connection, parameters.upload(), after.chunk());
      }
      RecordingCounts next =
          after.at(
              last ? after.chunk() + 1 : after.chunk(),
              piece.nextLine(),
              result.counts().withKept(kept));
      PaidCalls.tell(connection, job.id(), next.bytes());
      return next;
    }

    private void progress() {
      long done = counts.done() + calls.done();
      job.progress(
          done,
          Math.max(total, done),
          "%d answers, known ones among them, %d failed, %s of %s US dollars spent; %d lines refused"
              .formatted(
                  done,
                  counts.failed() + calls.failed(),
                  shown(purse.spent()),
                  shown(parameters.budgetUsd()),
                  counts.imported().refused()));
    }

    private static String shown(double usd) {
      return BigDecimal.valueOf(usd).round(new MathContext(4)).stripTrailingZeros().toPlainString();
    }

    private static RecordedQuery sorted(RecordedQuery.Builder row) {
      var outcomes = new ArrayList<>(row.getOutcomesList());
      outcomes.sort((a, b) -> a.getMember().compareTo(b.getMember()));
      return row.clearOutcomes().addAllOutcomes(outcomes).build();
    }
  }
}
