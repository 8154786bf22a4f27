package dev.tutti.learning.fit;

import dev.tutti.kit.job.JobContext;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.RecordedQuery;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The rows of a dataset on their way into a fit: embedded as it wants, a batch at a time, each text
 * once. For one thread.
 */
final class EmbeddedRows {

  /** Rows, and texts where a row has many, that wait. */
  private static final int BATCH = 64;

  private final JobContext job;
  private final long size;
  private final Fitting.Fit fit;
  private final KeptEmbeddings embeddings;
  private final List<Row> batch = new ArrayList<>();
  private int waiting;
  private long taken;

  private record Row(RecordedQuery query, List<String> texts) {}

  /**
   * None yet.
   *
   * @param size how many there will be
   */
  EmbeddedRows(JobContext job, long size, Fitting.Fit fit, KeptEmbeddings embeddings) {
    this.job = job;
    this.size = size;
    this.fit = fit;
    this.embeddings = embeddings;
  }

  /** The next row. */
  void add(RecordedQuery query) throws SQLException {
    List<String> texts = fit.texts(query);
    batch.add(new Row(query, texts));
    waiting += texts.size();
    if (batch.size() == BATCH || waiting >= KeptEmbeddings.BATCH) {
      end();
    }
  }

  /** There are no more, or none for now. */
  void end() throws SQLException {
    job.progress(taken, size, "embed: the texts, as they are read");
    Map<String, float[]> vectors =
        embeddings.of(batch.stream().flatMap(row -> row.texts().stream()).toList());
    for (Row row : batch) {
      fit.take(row.query(), row.texts().stream().map(vectors::get).toList());
    }
    taken += batch.size();
    batch.clear();
    waiting = 0;
  }
}
