package dev.tutti.registry.recording;

import com.google.protobuf.Struct;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobHandler;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.dataset.ImportBatch;
import dev.tutti.registry.dataset.ImportCounts;
import dev.tutti.registry.dataset.ImportParameters;
import dev.tutti.registry.dataset.JsonLine;
import dev.tutti.registry.dataset.LineChunks;
import dev.tutti.registry.dataset.Uploads;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.v1.RatedDecision;
import dev.tutti.router.v1.RatedDecisionServiceGrpc;
import dev.tutti.router.v1.RatedDecisionServiceGrpc.RatedDecisionServiceBlockingStub;
import dev.tutti.router.v1.RatedMember;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes recorded outcomes of rated decisions. Router-service keeps the ratings and nothing of what
 * was asked, so each line of the body names a decision and says its text; what came of a chunk of
 * lines stands in one transaction.
 */
@ApplicationScoped
class RatedHandler implements JobHandler {

  static final String KIND = "record-decisions";

  /** Decisions that are asked for together. */
  private static final int TOGETHER = 1_000;

  private static final Duration WITHIN = Duration.ofSeconds(60);

  private final Uploads uploads;
  private final Services services;

  RatedHandler(Uploads uploads, Services services) {
    this.uploads = uploads;
    this.services = services;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public String unit() {
    return "bytes";
  }

  @Override
  public void check(Struct parameters) {
    RatedParameters.of(parameters);
  }

  @Override
  public Struct run(JobContext job) throws SQLException {
    RatedParameters parameters = RatedParameters.of(job.parameters());
    ImportCounts counts = job.checkpoint().map(ImportCounts::read).orElse(ImportCounts.NONE);
    Uploads.Body body =
        uploads
            .body(parameters.upload(), parameters.dataset())
            .orElseThrow(() -> gone("There is no such upload of this dataset."));
    while (counts.chunk() < body.chunks()) {
      LineChunks.Chunk chunk =
          uploads
              .chunk(parameters.upload(), counts.chunk())
              .orElseThrow(() -> gone("Another job took over what the upload held."));
      counts = take(job, parameters, chunk, counts, body.bytes());
    }
    job.progress(body.bytes(), body.bytes(), counts.said());
    return counts.report();
  }

  private static RuntimeException gone(String message) {
    return new Failure.NotFound("parameters.upload", "UPLOAD_NOT_FOUND", message).exception();
  }

  private ImportCounts take(
      JobContext job,
      RatedParameters parameters,
      LineChunks.Chunk chunk,
      ImportCounts before,
      long total)
      throws SQLException {
    ImportCounts begun = before.withBytes(chunk.data() == null ? 0 : chunk.data().length);
    job.progress(begun.bytes(), total, before.said());
    var refused = new ArrayList<ImportBatch.Refused>();
    List<Question> questions = questions(parameters.parser(), chunk, refused);
    Map<String, RatedDecision> rated = rated(parameters, questions);
    var rows = new TreeMap<Long, RecordedQuery>();
    for (Question question : questions) {
      RatedDecision decision = rated.get(question.id());
      if (decision == null) {
        refused.add(
            new ImportBatch.Refused(
                question.line(),
                new FieldError(
                    "decision",
                    "There is no decision '%s' of those asked for that is rated."
                        .formatted(JsonLine.shown(question.id())))));
      } else {
        rows.put(question.line(), row(question, decision));
      }
    }
    ImportBatch batch =
        ImportBatch.of(
            new ImportParameters(
                parameters.dataset(),
                parameters.upload(),
                parameters.replaces(),
                Optional.of(CostUnit.COST_UNIT_USD_PER_CALL),
                Set.of()),
            rows,
            refused);
    ImportCounts[] after = new ImportCounts[1];
    job.commit(
        connection -> {
          ImportBatch.Result result = batch.write(connection, begun);
          long kept = Uploads.refuse(connection, job.id(), result.refused(), before.kept());
          Uploads.hold(connection, parameters.upload());
          Uploads.dropChunk(connection, parameters.upload(), before.chunk());
          after[0] = result.counts().withKept(kept);
          return after[0].checkpoint();
        });
    return after[0];
  }

  private static List<Question> questions(
      QuestionParser parser, LineChunks.Chunk chunk, List<ImportBatch.Refused> refused) {
    var questions = new ArrayList<Question>();
    for (LineChunks.Part part : chunk.parts()) {
      try {
        parser.parse(chunk, part).ifPresent(questions::add);
      } catch (JsonLine.WrongException e) {
        refused.add(new ImportBatch.Refused(part.number(), e.error()));
      }
    }
    return questions;
  }

  private Map<String, RatedDecision> rated(RatedParameters parameters, List<Question> questions) {
    var found = new HashMap<String, RatedDecision>();
    List<String> ids = questions.stream().map(Question::id).distinct().toList();
    for (int from = 0; from < ids.size(); from += TOGETHER) {
      List<String> some = ids.subList(from, Math.min(from + TOGETHER, ids.size()));
      try {
        services.<RatedDecisionServiceBlockingStub, Void>ask(
            Services.ROUTER,
            WITHIN,
            RatedDecisionServiceGrpc::newBlockingStub,
            stub -> {
              stub.readRatedDecisions(parameters.request(some))
                  .forEachRemaining(its -> found.put(its.getDecision().getId(), its.getDecision()));
              return null;
            });
      } catch (RefusedException e) {
        // The job waits for a router that is away, as jobs do.
        throw e.refusal() instanceof Refusal.OfService of
            ? new FailureException(of.failure(), e)
            : new Failure.FailedPrecondition("", "NOT_OFFERED", e.refusal().detail()).exception();
      }
    }
    return found;
  }

  private static RecordedQuery row(Question question, RatedDecision decision) {
    var outcomes = new TreeMap<String, Outcome>();
    for (RatedMember member : decision.getMembersList()) {
      Outcome.Builder outcome =
          Outcome.newBuilder().setMember(member.getMember()).setScore(member.getScore());
      if (member.hasCostUsd()) {
        outcome.setCost(member.getCostUsd());
      }
      if (member.hasSeconds()) {
        outcome.setLatencySeconds(member.getSeconds());
      }
      if (member.hasAnswer()) {
        outcome.setResponse(member.getAnswer());
      }
      Outcomes.confidence(member.getSignals()).ifPresent(outcome::setConfidence);
      outcome.putNumbers("ratings", member.getRatings());
      outcome.putAllNumbers(Outcomes.signals(member.getSignals()));
      outcomes.put(member.getMember(), outcome.build());
    }
    RecordedQuery.Builder row = question.query().toBuilder().addAllOutcomes(outcomes.values());
    if (row.getSet().isEmpty()) {
      row.setSet(decision.getDomain());
    }
    return row.build();
  }
}
