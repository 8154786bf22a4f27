package dev.tutti.registry.dataset;

import com.google.protobuf.Struct;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobHandler;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;

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
    // What is left of the upload goes with the next one that begins.
    return counts.report();
  }

  private static RuntimeException gone(String message) {
    return new Failure.NotFound("parameters.upload", "UPLOAD_NOT_FOUND", message).exception();
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
    job.progress(begun.bytes(), total, before.said());
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
