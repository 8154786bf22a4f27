package dev.tutti.learning.fit;

import dev.tutti.kit.job.JobContext;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.fit.Embedder.Model;
import dev.tutti.registry.v1.RecordedQuery;
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
 * The rows of a dataset on their way into a fit: embedded as it wants, a batch at a time, each text
 * once. For one thread.
 */
final class EmbeddedRows {

  /** Rows, and texts where a row has many, that wait. */
  private static final int BATCH = 64;

  private static final int BATCH_TEXTS = 512;
  private static final byte[] EMBEDDING = "embedding".getBytes(StandardCharsets.UTF_8);

  private final JobContext job;
  private final RunningFit running;
  private final long size;
  private final Fitting.Fit fit;
  private final Embedder embedder;
  private final EmbeddingCache cache;
  private final List<Row> batch = new ArrayList<>();
  private int waiting;
  private long taken;
  private Optional<Model> model = Optional.empty();

  private record Row(RecordedQuery query, List<String> texts) {}

  /**
   * None yet.
   *
   * @param running what the fit has kept itself
   * @param size how many there will be
   */
  EmbeddedRows(
      JobContext job,
      RunningFit running,
      long size,
      Fitting.Fit fit,
      Embedder embedder,
      EmbeddingCache cache) {
    this.job = job;
    this.running = running;
    this.size = size;
    this.fit = fit;
    this.embedder = embedder;
    this.cache = cache;
  }

  /** The next row. */
  void add(RecordedQuery query) throws SQLException {
    List<String> texts = fit.texts(query);
    batch.add(new Row(query, texts));
    waiting += texts.size();
    if (batch.size() == BATCH || waiting >= BATCH_TEXTS) {
      end();
    }
  }

  /** There are no more, or none for now. */
  void end() throws SQLException {
    job.progress(taken, size, "embed: the texts, as they are read");
    Map<String, float[]> vectors = waiting == 0 ? Map.of() : vectors();
    for (Row row : batch) {
      fit.take(row.query(), row.texts().stream().map(vectors::get).toList());
    }
    taken += batch.size();
    batch.clear();
    waiting = 0;
  }

  /** What embedded; empty where nothing was to be. */
  Optional<Model> model() {
    return model;
  }

  private Map<String, float[]> vectors() throws SQLException {
    if (model.isEmpty()) {
      model = Optional.of(embedder.model());
    }
    var keys = new LinkedHashMap<String, ByteBuffer>();
    for (Row row : batch) {
      row.texts().forEach(text -> keys.put(text, EmbeddingCache.key(model.get(), text)));
    }
    Map<ByteBuffer, float[]> kept = cache.find(List.copyOf(keys.values()));
    var missing = new ArrayList<String>();
    keys.forEach(
        (text, key) -> {
          if (!kept.containsKey(key)) {
            missing.add(text);
          }
        });
    for (int from = 0; from < missing.size(); from += BATCH_TEXTS) {
      List<String> some = missing.subList(from, Math.min(from + BATCH_TEXTS, missing.size()));
      List<float[]> made = embedder.embed(some, model.get());
      var fresh = new HashMap<ByteBuffer, float[]>();
      for (int i = 0; i < some.size(); i++) {
        fresh.put(keys.get(some.get(i)), made.get(i));
      }
      job.commit(
          connection -> {
            cache.add(connection, fresh);
            return running.kept().orElse(EMBEDDING);
          });
      kept.putAll(fresh);
    }
    var vectors = new HashMap<String, float[]>();
    keys.forEach((text, key) -> vectors.put(text, kept.get(key)));
    return vectors;
  }
}
