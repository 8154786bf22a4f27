package dev.tutti.registry.dataset;

import com.google.protobuf.Struct;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobHandler;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Takes an uploaded body over into its dataset, chunk by chunk: the rows of a chunk, its refused
 * lines, the counts and its end stand in one transaction.
 */
@ApplicationScoped
class ImportHandler implements JobHandler {

  static final String KIND = "import";

  private final Uploads uploads;

  ImportHandler(Uploads uploads) {
    this.uploads = uploads;
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
    ImportParameters.of(parameters);
  }

  @Override
  public Struct run(JobContext job) throws SQLException {
    ImportParameters parameters = ImportParameters.of(job.parameters());
    ImportCounts counts = job.checkpoint().map(ImportCounts::read).orElse(ImportCounts.NONE);
    Optional<Long> total = uploads.bytes(parameters.upload(), parameters.dataset());
    if (total.isEmpty()) {
      if (job.checkpoint().isPresent()) {
        // Its last chunk was taken over, and then the replica died.
        return counts.report();
      }
      throw new Failure.NotFound(
              "parameters.upload", "UPLOAD_NOT_FOUND", "There is no such upload of this dataset.")
          .exception();
    }
    Optional<LineChunks.Chunk> chunk;
    while ((chunk = uploads.chunk(parameters.upload(), counts.chunk())).isPresent()) {
      counts = take(job, parameters, chunk.get(), counts, total.get());
    }
    ImportCounts last = counts;
    job.commit(
        connection -> {
          Uploads.drop(connection, parameters.upload());
          return last.checkpoint();
        });
    return counts.report();
  }

  private static ImportCounts take(
      JobContext job,
      ImportParameters parameters,
      LineChunks.Chunk chunk,
      ImportCounts before,
      long total)
      throws SQLException {
    ImportBatch batch = ImportBatch.read(parameters, chunk);
    ImportCounts begun = before.withBytes(chunk.data() == null ? 0 : chunk.data().length);
    job.progress(
        begun.bytes(),
        total,
        "%d imported, %d refused before line %d"
            .formatted(before.imported(), before.refused(), chunk.firstLine()));
    ImportCounts[] after = new ImportCounts[1];
    job.commit(
        connection -> {
          ImportBatch.Result result = batch.write(connection, begun);
          long kept = Uploads.refuse(connection, job.id(), result.refused(), before.kept());
          Uploads.dropChunk(connection, parameters.upload(), before.chunk());
          after[0] = result.counts().withKept(kept);
          return after[0].checkpoint();
        });
    return after[0];
  }
}
