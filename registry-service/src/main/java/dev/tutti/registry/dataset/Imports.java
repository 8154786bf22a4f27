package dev.tutti.registry.dataset;

import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.job.Jobs;
import dev.tutti.registry.Author;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Takes the body of an import in, and puts its job in the queue. */
@ApplicationScoped
public class Imports {

  private final Uploads uploads;
  private final DatasetStore datasets;
  private final Jobs jobs;
  private final long largest;

  Imports(
      Uploads uploads,
      DatasetStore datasets,
      Jobs jobs,
      @ConfigProperty(name = "tutti.registry.imports.largest") long largest) {
    this.uploads = uploads;
    this.datasets = datasets;
    this.jobs = jobs;
    this.largest = largest;
  }

  /**
   * How an import is done.
   *
   * @param replace whether a line that contradicts what is stored replaces it
   * @param costUnit of the lines; empty for the dataset's own
   * @param ignored keys that are left out
   */
  public record Options(boolean replace, Optional<CostUnit> costUnit, Set<String> ignored) {

    /**
     * Reads the options.
     *
     * @param onConflict refuse, replace, or empty for refuse
     * @param costUnit a word of {@link CostUnit}, or empty
     * @param ignored keys
     * @throws dev.tutti.kit.grpc.FailureException {@link
     *     dev.tutti.kit.grpc.Failure.InvalidArgument}
     */
    public static Options of(String onConflict, String costUnit, Set<String> ignored) {
      return new Options(
          ImportParameters.replace(onConflict),
          ImportParameters.costUnit(costUnit),
          ImportParameters.ignored(ignored));
    }
  }

  /**
   * Reads a body to its end into the database, one chunk at a time, and starts the job.
   *
   * @param body lines, not compressed
   * @throws dev.tutti.registry.RefusedException {@link Refusal.TooLarge}, {@link Refusal.Malformed}
   *     where it is empty or breaks off, {@link Refusal.Invalid} where the dataset has another unit
   *     of cost
   */
  public Job accept(String dataset, Options options, InputStream body, Author author)
      throws SQLException {
    if (options.costUnit().isPresent()) {
      requireUnit(dataset, options.costUnit().get());
    }
    String upload = uploads.begin(dataset);
    boolean accepted = false;
    try {
      uploads.complete(upload, dataset, uploads.receive(upload, body, largest), "IMPORT", author);
      Job job =
          jobs.start(
              StartRequest.newBuilder()
                  .setKind(ImportHandler.KIND)
                  .setKey(upload)
                  .setAuthor(author.name())
                  .setParameters(
                      new ImportParameters(
                              dataset,
                              upload,
                              options.replace(),
                              options.costUnit(),
                              options.ignored())
                          .struct())
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
   * Lines that a job refused, by number.
   *
   * @param after only those beyond this place; null for all
   */
  public List<RefusedLine> refusals(String job, RefusedLine.Place after, int limit)
      throws SQLException {
    return uploads.refusals(job, after, limit);
  }

  /**
   * Holds a unit of cost against the dataset's.
   *
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Invalid} where it has another
   */
  public void requireUnit(String dataset, CostUnit unit) throws SQLException {
    Optional<CostUnit> stored = datasets.find(dataset).map(Dataset::getCostUnit);
    if (stored.isPresent() && stored.get() != unit) {
      throw Refusal.invalid(
          "cost_unit",
          "cost_unit is %s, but the dataset's is %s."
              .formatted(ContractEnums.word(unit), ContractEnums.word(stored.get())));
    }
  }
}
