package dev.tutti.learning.fit;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobHandler;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.LiveMembers;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.registry.v1.Dataset;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Jobs of kind {@code fit}: learns a method's parameters from a dataset of the registry, measures
 * them on queries that were held out, and keeps them as a new version of an artifact. The artifact
 * is the one that was measured; it is not fitted again to everything.
 *
 * <p>Embeddings are kept as they are made, what members are paid for, and what a fit keeps itself;
 * a job that is resumed reads the dataset again, finds them, and fits with the same seed to the
 * same bytes.
 */
@ApplicationScoped
public class FitJob implements JobHandler {

  /** Name of the kind. */
  public static final String KIND = "fit";

  private static final String KEPT = "kept as version ";

  private final Fitting<?> fitting;
  private final Datasets datasets;
  private final Embedder embedder;
  private final EmbeddingCache cache;
  private final Artifacts artifacts;
  private final PaidAnswers answers;
  private final Optional<LiveMembers> members;

  @Inject
  FitJob(
      Fitting<?> fitting,
      Datasets datasets,
      Embedder embedder,
      EmbeddingCache cache,
      Artifacts artifacts,
      PaidAnswers answers,
      @Any Instance<LiveMembers> members) {
    this.fitting = fitting;
    this.datasets = datasets;
    this.embedder = embedder;
    this.cache = cache;
    this.artifacts = artifacts;
    this.answers = answers;
    this.members = members.stream().findFirst();
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
    FitRequest request = FitRequest.of(parameters, fitting.methods());
    if (request.parameters().budgetUsd() > 0
        && (members.isEmpty() || !request.method().asksMembers())) {
      throw FitRequest.refused(
          "budget_usd",
          "budget_usd is %s, but %s ask nobody live; leave it out."
              .formatted(
                  request.parameters().budgetUsd(),
                  members.isEmpty()
                      ? "fits of this service"
                      : "fits of %s".formatted(request.method().name())));
    }
    artifacts.requireMethod(request.parameters().artifact(), request.method().name());
    FitData.check(request, fitting, datasets);
  }

  @Override
  public Struct run(JobContext job) throws Exception {
    FitRequest request = FitRequest.of(job.parameters(), fitting.methods());
    var kept = job.checkpoint().flatMap(FitJob::version);
    if (kept.isPresent()) {
      // Only its end was not written.
      return result(request, kept.get());
    }
    var parameters = request.parameters();
    Dataset dataset = datasets.describe(parameters.dataset());
    // It may have changed since the fit was asked for.
    long size = FitData.size(request, dataset);
    fitting.requireRoom(size);
    Fitting.Fit fit = fitting.begin(request, dataset);
    job.progress(0, size, "read: dataset %s".formatted(dataset.getName()));
    var embeddings = new KeptEmbeddings(job, embedder, cache);
    var running = new RunningFit(job, request, members, answers, embeddings);
    var rows = new EmbeddedRows(job, size, fit, embeddings);
    var alone = new MembersAlone(request, dataset);
    datasets.read(
        dataset,
        parameters.split(),
        parameters.members(),
        row -> {
          alone.take(row);
          rows.add(row);
        });
    rows.end();
    job.progress(0, 0, "fit: %s learns".formatted(parameters.method()));
    Fitting.Result learned = fit.learn(running);
    var finished =
        new FinishedFit(request, dataset, Build.origin(embeddings.model()), learned, alone);
    job.progress(size, size, "keep: what was learned, as a version of its own");
    var version = new int[1];
    job.commit(
        connection -> {
          cache.forget(connection);
          answers.forget(connection, job.id());
          version[0] = artifacts.add(connection, job.id(), parameters.artifact(), finished::kept);
          return (KEPT + version[0]).getBytes(StandardCharsets.UTF_8);
        });
    return result(request, version[0]);
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
