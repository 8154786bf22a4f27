package dev.tutti.learning.fit;

import dev.tutti.kit.job.JobContext;
import dev.tutti.learning.fit.Embedder.Model;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Embeddings that a fit looks at, all by one model: those that are kept, and the others, which are
 * kept as they are made. For one thread.
 */
final class KeptEmbeddings {

  /** Texts that are embedded at once. */
  static final int BATCH = 512;

  private static final byte[] EMBEDDING = "embedding".getBytes(StandardCharsets.UTF_8);

  private final JobContext job;
  private final Embedder embedder;
  private final EmbeddingCache cache;
  private Optional<Model> model = Optional.empty();

  KeptEmbeddings(JobContext job, Embedder embedder, EmbeddingCache cache) {
    this.job = job;
    this.embedder = embedder;
    this.cache = cache;
  }

  /** What embedded; empty where nothing was to be. */
  Optional<Model> model() {
    return model;
  }

  /** An embedding for each of these texts. */
  Map<String, float[]> of(Collection<String> texts) throws SQLException {
    if (texts.isEmpty()) {
      return Map.of();
    }
    if (model.isEmpty()) {
      model = Optional.of(embedder.model());
    }
    var keys = new LinkedHashMap<String, ByteBuffer>();
    texts.forEach(text -> keys.put(text, EmbeddingCache.key(model.get(), text)));
    Map<ByteBuffer, float[]> kept = cache.find(List.copyOf(keys.values()));
    var missing = new ArrayList<String>();
    keys.forEach(
        (text, key) -> {
          if (!kept.containsKey(key)) {
            missing.add(text);
          }
        });
    for (int from = 0; from < missing.size(); from += BATCH) {
      List<String> some = missing.subList(from, Math.min(from + BATCH, missing.size()));
      List<float[]> made = embedder.embed(some, model.get());
      var fresh = new HashMap<ByteBuffer, float[]>();
      for (int i = 0; i < some.size(); i++) {
        fresh.put(keys.get(some.get(i)), made.get(i));
      }
      job.commit(
          connection -> {
            cache.add(connection, fresh);
            return job.checkpoint().orElse(EMBEDDING);
          });
      kept.putAll(fresh);
    }
    var vectors = new HashMap<String, float[]>();
    keys.forEach((text, key) -> vectors.put(text, kept.get(key)));
    return vectors;
  }
}
