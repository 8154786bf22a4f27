package dev.tutti.router.learning;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobHandler;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.artifact.Artifacts;
import dev.tutti.router.evaluation.Measured;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.members.Datasets;
import dev.tutti.router.members.Neighbours;
import dev.tutti.router.method.selection.Calibration;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Jobs of kind {@code fit}: learns a method's parameters from a dataset of the registry, measures
 * them on queries that were held out, and keeps them as a new version of an artifact. The artifact
 * is the one that was measured; it is not fitted again to everything.
 *
 * <p>Embeddings are kept as they are made, which is all that takes long with a neighbour; a job
 * that is resumed reads the dataset again, finds them, and fits with the same seed to the same
 * bytes.
 */
@ApplicationScoped
public class FitJob implements JobHandler {

  /** Name of the kind. */
  public static final String KIND = "fit";

  private static final int BATCH = 64;

  // Checkpoints.
  private static final byte[] EMBEDDING = "embedding".getBytes(StandardCharsets.UTF_8);
  private static final String KEPT = "kept as version ";

  private final Datasets datasets;
  private final Neighbours neighbours;
  private final EmbeddingCache cache;
  private final Artifacts artifacts;

  FitJob(Datasets datasets, Neighbours neighbours, EmbeddingCache cache, Artifacts artifacts) {
    this.datasets = datasets;
    this.neighbours = neighbours;
    this.cache = cache;
    this.artifacts = artifacts;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public String unit() {
    return "queries";
  }

  @Override
  public void check(Struct parameters) {
    FitRequest request = FitRequest.of(parameters);
    artifacts.requireMethod(request.parameters().artifact(), request.method().name());
    FitData.check(request, datasets);
  }

  @Override
  public Struct run(JobContext job) throws Exception {
    FitRequest request = FitRequest.of(job.parameters());
    var kept = job.checkpoint().flatMap(FitJob::version);
    if (kept.isPresent()) {
      // Only its end was not written.
      return result(request, kept.get());
    }
    var parameters = request.parameters();
    Dataset dataset = datasets.describe(parameters.dataset());
    RecordedQueries queries = read(job, request, dataset);
    Outcomes learned = queries.outcomes(false);
    Outcomes held = queries.outcomes(true);
    job.progress(
        0, 0, "fit: %s learns from %d queries".formatted(parameters.method(), learned.size()));
    QualityEstimator estimator = request.fit(learned);
    List<Estimate> estimates = estimate(job, request, dataset, queries, estimator, held);
    Measured.Result measured = Measured.of(estimates, learned, held, queries.heldOut());
    var calibration = Calibration.of(estimates, learned, held, parameters.qualityDrop());
    var fit = new FinishedFit(request, dataset, learned, held, measured, calibration);
    var version = new int[1];
    job.commit(
        connection -> {
          EmbeddingCache.forget(connection);
          version[0] =
              artifacts.add(
                  connection,
                  job.id(),
                  parameters.artifact(),
                  next -> fit.kept(next, estimator.parameters()));
          return (KEPT + version[0]).getBytes(StandardCharsets.UTF_8);
        });
    return result(request, version[0]);
  }

  /** The queries with their embeddings. */
  private RecordedQueries read(JobContext job, FitRequest request, Dataset dataset)
      throws SQLException {
    var parameters = request.parameters();
    // It may have changed since the fit was asked for.
    long size = FitData.size(request, dataset);
    job.progress(0, size, "read: dataset %s".formatted(dataset.getName()));
    var queries =
        new RecordedQueries(
            parameters.members(),
            parameters.holdout(),
            parameters.seed(),
            dataset.getCostUnit() == CostUnit.COST_UNIT_USD_PER_CALL);
    var batch = new ArrayList<RecordedQuery>();
    datasets.read(
        dataset,
        parameters.split(),
        parameters.members(),
        row -> {
          batch.add(row);
          if (batch.size() == BATCH) {
            embed(job, size, batch, queries);
            batch.clear();
          }
        });
    if (!batch.isEmpty()) {
      embed(job, size, batch, queries);
    }
    return queries;
  }

  private void embed(JobContext job, long size, List<RecordedQuery> batch, RecordedQueries queries)
      throws SQLException {
    job.progress(queries.size(), size, "embed: the queries, as they are read");
    List<ByteBuffer> keys = batch.stream().map(row -> EmbeddingCache.key(row.getQuery())).toList();
    Map<ByteBuffer, float[]> vectors = cache.find(keys);
    var missing = new LinkedHashMap<ByteBuffer, String>();
    for (int i = 0; i < batch.size(); i++) {
      if (!vectors.containsKey(keys.get(i))) {
        missing.put(keys.get(i), batch.get(i).getQuery());
      }
    }
    if (!missing.isEmpty()) {
      List<float[]> made = neighbours.embed(List.copyOf(missing.values()));
      var fresh = new HashMap<ByteBuffer, float[]>();
      missing.keySet().forEach(key -> fresh.put(key, made.get(fresh.size())));
      job.commit(
          connection -> {
            EmbeddingCache.add(connection, fresh);
            return EMBEDDING;
          });
      vectors.putAll(fresh);
    }
    for (int i = 0; i < batch.size(); i++) {
      queries.add(keys.get(i), batch.get(i), vectors.get(keys.get(i)));
    }
  }

  /** Estimates of the held-out queries, whose texts are read again: they may be long. */
  private List<Estimate> estimate(
      JobContext job,
      FitRequest request,
      Dataset dataset,
      RecordedQueries queries,
      QualityEstimator estimator,
      Outcomes held)
      throws SQLException {
    var estimates = new ArrayList<Estimate>();
    datasets.read(
        dataset,
        request.parameters().split(),
        request.parameters().members(),
        row -> {
          if (queries.holdsOut(row.getQuery())) {
            job.progress(estimates.size(), held.size(), "measure: on what was held out");
            var message = new Query.Message(Query.Role.USER, row.getQuery());
            estimates.add(
                estimator.estimate(
                    new Query(List.of(message), held.embeddings().row(estimates.size()))));
          }
        });
    return estimates;
  }

  private static Optional<Integer> version(byte[] checkpoint) {
    String text = new String(checkpoint, StandardCharsets.UTF_8);
    return text.startsWith(KEPT)
        ? Optional.of(Integer.parseInt(text.substring(KEPT.length())))
        : Optional.empty();
  }

  private static Struct result(FitRequest request, int version) {
    return Struct.newBuilder()
        .putFields(
            "artifact", Value.newBuilder().setStringValue(request.parameters().artifact()).build())
        .putFields("version", Value.newBuilder().setNumberValue(version).build())
        .build();
  }
}
