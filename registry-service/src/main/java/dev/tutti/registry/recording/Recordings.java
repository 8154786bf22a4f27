package dev.tutti.registry.recording;

import com.google.protobuf.Struct;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.Jobs;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.dataset.DatasetStore;
import dev.tutti.registry.dataset.Imports;
import dev.tutti.registry.dataset.JsonLine;
import dev.tutti.registry.dataset.LineChunks;
import dev.tutti.registry.dataset.RefusedLine;
import dev.tutti.registry.dataset.Uploads;
import dev.tutti.registry.recording.Estimate.MemberEstimate;
import dev.tutti.registry.recording.PaidCalls.Paid;
import dev.tutti.registry.recording.RecordingCounts.Tally;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Takes the questions of a recording in, says what it would cost, and puts its job in the queue.
 */
@ApplicationScoped
public class Recordings {

  private static final int TOLD_REFUSALS = 20;

  private final Uploads uploads;
  private final Imports imports;
  private final DatasetStore datasets;
  private final RegistryStore registry;
  private final PaidCalls paid;
  private final Jobs jobs;
  private final long largest;

  Recordings(
      Uploads uploads,
      Imports imports,
      DatasetStore datasets,
      RegistryStore registry,
      PaidCalls paid,
      Jobs jobs,
      @ConfigProperty(name = "tutti.registry.recordings.largest") long largest) {
    this.uploads = uploads;
    this.imports = imports;
    this.datasets = datasets;
    this.registry = registry;
    this.paid = paid;
    this.jobs = jobs;
    this.largest = largest;
  }

  /**
   * Reads a body to its end into the database, and starts the job.
   *
   * @param asked without the id of the body
   * @param body lines, not compressed
   * @throws dev.tutti.registry.RefusedException {@link Refusal.TooLarge}, {@link Refusal.Malformed}
   *     where it is empty or breaks off, {@link Refusal.Invalid} where the dataset's costs are none
   *     of calls, or a member is not there, not served, or writes nothing
   * @throws dev.tutti.kit.grpc.FailureException what the parameters are refused for
   */
  public Job accept(RecordingParameters asked, InputStream body, Author author)
      throws SQLException {
    Roster roster = roster(asked);
    return start(
        RecordHandler.KIND,
        asked.dataset(),
        body,
        author,
        upload -> named(asked, upload, roster).struct());
  }

  /**
   * Reads a body to its end into the database, and starts the job that makes recorded outcomes of
   * rated decisions.
   *
   * @param asked without the id of the body
   * @param body lines, not compressed, each with a decision's id and what was asked
   * @throws dev.tutti.registry.RefusedException as {@link #accept}
   * @throws dev.tutti.kit.grpc.FailureException what the parameters are refused for
   */
  public Job acceptRated(RatedParameters asked, InputStream body, Author author)
      throws SQLException {
    asked.checked();
    imports.requireUnit(asked.dataset(), CostUnit.COST_UNIT_USD_PER_CALL);
    return start(
        RatedHandler.KIND, asked.dataset(), body, author, upload -> asked.with(upload).struct());
  }

  private Job start(
      String kind,
      String dataset,
      InputStream body,
      Author author,
      Function<String, Struct> parameters)
      throws SQLException {
    String upload = uploads.begin(dataset);
    boolean accepted = false;
    try {
      uploads.complete(upload, dataset, uploads.receive(upload, body, largest), "RECORD", author);
      Job job =
          jobs.start(
              StartRequest.newBuilder()
                  .setKind(kind)
                  .setKey(upload)
                  .setAuthor(author.name())
                  .setParameters(parameters.apply(upload))
                  .build());
      accepted = true;
      return job;
    } finally {
      if (!accepted) {
        uploads.drop(upload);
      }
    }
  }

  /**
   * Says what a recording would cost. Nothing is kept.
   *
   * @param asked without the id of the body
   * @param body as for {@link #accept}
   */
  public Estimate estimate(RecordingParameters asked, InputStream body) throws SQLException {
    Roster roster = roster(asked);
    var counting = new Counting(named(asked, "", roster), roster);
    var chunks = new LineChunks(body, largest);
    try {
      LineChunks.Chunk chunk;
      while ((chunk = chunks.next()) != null) {
        counting.add(chunk);
      }
      if (chunks.read() == 0) {
        throw Refusal.malformed("body", "The body must have at least one line.");
      }
    } catch (LineChunks.TooManyBytesException e) {
      throw new Refusal.TooLarge(
              "The lines have %d bytes at most, uncompressed.".formatted(largest))
          .exception();
    } catch (IOException e) {
      throw Refusal.malformed(
          "body", "The body broke off, or is not in the encoding that Content-Encoding says.");
    }
    return counting.estimate();
  }

  private Roster roster(RecordingParameters asked) throws SQLException {
    asked.checked();
    imports.requireUnit(asked.dataset(), CostUnit.COST_UNIT_USD_PER_CALL);
    Roster roster = found(asked);
    if (roster.members().stream().map(Roster.Asked::name).distinct().count()
        < roster.members().size()) {
      throw Failure.invalid("parameters.members", "members names one twice, by another name.");
    }
    return roster;
  }

  /** A name in the request is the caller's affair; when the job begins it is the job's. */
  private Roster found(RecordingParameters asked) {
    try {
      return Roster.of(registry.load(), asked);
    } catch (FailureException e) {
      throw switch (e.failure()) {
        case Failure.NotFound f -> Refusal.invalid(unprefixed(f.field()), f.message());
        case Failure.FailedPrecondition f -> Refusal.invalid(unprefixed(f.field()), f.message());
        default -> e;
      };
    }
  }

  private static RecordingParameters named(
      RecordingParameters asked, String upload, Roster roster) {
    return asked.with(
        upload,
        roster.members().stream().map(Roster.Asked::name).toList(),
        roster.judge().map(Roster.Asked::name).orElse(null));
  }

  private static String unprefixed(String field) {
    return field.substring(field.indexOf('.') + 1);
  }

  /**
   * How far a recording is.
   *
   * @param usd US dollars that it did cost by now
   * @param judgeUsd of that, what the judge did
   * @param members by name
   */
  public record Progress(double usd, double judgeUsd, SortedMap<String, MemberProgress> members) {}

  /**
   * The same of one member.
   *
   * @param answered answers that it gave and that were scored
   * @param failed calls that gave none
   * @param known answers that the dataset had already
   * @param usd US dollars that its calls did cost
   * @param meanScore of the answers; null where there are none
   */
  public record MemberProgress(
      long answered, long failed, long known, double usd, Double meanScore) {}

  /**
   * How far a recording is, those answers among them that are paid and not in the dataset yet.
   *
   * @param job its id
   */
  public Progress progress(String job) throws SQLException {
    PaidCalls.Known known = paid.known(job);
    var members = new TreeMap<>(known.counts().members());
    double judge = known.counts().judge().usd();
    for (Map.Entry<PaidCalls.Place, Paid> one : known.paid().entrySet()) {
      Paid its = one.getValue();
      judge += its.judgeUsd();
      members.merge(one.getKey().member(), new Tally(0, 0, 0, its.usd(), 0, 0), Tally::plus);
    }
    var told = new TreeMap<String, MemberProgress>();
    members.forEach(
        (name, t) ->
            told.put(
                name,
                new MemberProgress(
                    t.answered(),
                    t.failed(),
                    t.known(),
                    t.usd(),
                    t.answered() == 0 ? null : t.score() / t.answered())));
    double usd = members.values().stream().mapToDouble(Tally::usd).sum() + judge;
    return new Progress(usd, judge, told);
  }

  /** Counts what would be asked. */
  private final class Counting {

    private final RecordingParameters parameters;
    private final Roster roster;
    private final QuestionParser parser;
    private final long[] calls;
    private final double[] usd;
    private final List<RefusedLine> refusals = new ArrayList<>();
    private long questions;
    private long refused;
    private long known;
    private double judgeUsd;

    Counting(RecordingParameters parameters, Roster roster) {
      this.parameters = parameters;
      this.roster = roster;
      this.parser = parameters.parser();
      this.calls = new long[roster.members().size()];
      this.usd = new double[calls.length];
    }

    void add(LineChunks.Chunk chunk) throws SQLException {
      var asked = new ArrayList<Question>();
      for (LineChunks.Part part : chunk.parts()) {
        try {
          Optional<Question> question = parser.parse(chunk, part);
          question.ifPresent(asked::add);
        } catch (JsonLine.WrongException e) {
          refused++;
          if (refusals.size() < TOLD_REFUSALS) {
            refusals.add(new RefusedLine(part.number(), e.error().field(), e.error().detail()));
          }
        }
      }
      Map<String, RecordedQuery> stored =
          parameters.replaces()
              ? Map.of()
              : datasets.find(
                  parameters.dataset(),
                  asked.stream().map(Question::id).collect(Collectors.toSet()));
      asked.forEach(q -> add(q, stored.getOrDefault(q.id(), RecordedQuery.getDefaultInstance())));
    }

    private void add(Question question, RecordedQuery stored) {
      questions++;
      Set<String> has =
          stored.getOutcomesList().stream().map(Outcome::getMember).collect(Collectors.toSet());
      double judged = roster.judgeUsd(question, parameters.sampling());
      for (int m = 0; m < calls.length; m++) {
        Roster.Asked member = roster.members().get(m);
        if (has.contains(member.name())) {
          known++;
        } else {
          calls[m]++;
          usd[m] += member.usd(question.messages(), parameters.sampling());
          judgeUsd += judged;
        }
      }
    }

    Estimate estimate() {
      var members = new ArrayList<MemberEstimate>();
      double all = judgeUsd;
      for (int m = 0; m < calls.length; m++) {
        members.add(new MemberEstimate(roster.members().get(m).name(), calls[m], usd[m]));
        all += usd[m];
      }
      return new Estimate(questions, refused, List.copyOf(refusals), known, all, members, judgeUsd);
    }
  }
}
