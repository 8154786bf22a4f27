package dev.tutti.kit.testing;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sentence embeddings of recorded queries by the model that the decoder serves (all-MiniLM-L6-v2,
 * quantised; a text a pass, so that none depends on another). They take a quarter of an hour the
 * first time and are kept in a file, by the SHA-256 of the text: {@code -Dtutti.embeddings=FILE},
 * {@code target/replay/embeddings.bin} unless said otherwise.
 *
 * <p>A text of more than {@value #MOST_TOKENS} tokens (the model was trained on 256 at most) keeps
 * its first and its last half of them: instructions stand at the beginning, a question that follows
 * examples at the end.
 */
public final class RecordedEmbeddings {

  /** Numbers of an embedding. */
  public static final int DIMENSIONS = 384;

  private static final int MOST_TOKENS = 256;
  private static final String MODEL = "all-minilm-l6-v2-q";
  private static final int HASH = 32;

  private final Path file;
  private final Map<String, float[]> known = new HashMap<>();

  /** What is kept already. */
  public RecordedEmbeddings() {
    this(
        Path.of(
            System.getProperty("tutti.embeddings", "").isBlank()
                ? "target/replay/embeddings.bin"
                : System.getProperty("tutti.embeddings")));
  }

  RecordedEmbeddings(Path file) {
    this.file = file;
    if (!Files.exists(file)) {
      return;
    }
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      var entry = new byte[HASH + Float.BYTES * DIMENSIONS];
      // What a killed run left incomplete at the end is computed again.
      while (in.readNBytes(entry, 0, entry.length) == entry.length) {
        var vector = new float[DIMENSIONS];
        ByteBuffer.wrap(entry, HASH, entry.length - HASH).asFloatBuffer().get(vector);
        known.put(HexFormat.of().formatHex(entry, 0, HASH), vector);
      }
    } catch (IOException e) {
      throw new IllegalStateException(file + " cannot be read", e);
    }
  }

  /** All that are kept, in an order that depends on nothing else. */
  public List<float[]> all() {
    return new TreeMap<>(known).values().stream().toList();
  }

  /** The embedding of a text that {@link #embed} was given. */
  public float[] of(String text) {
    return known.get(HexFormat.of().formatHex(hash(text)));
  }

  /** Computes what is not there yet. */
  public void embed(Collection<String> texts) {
    List<String> missing =
        texts.stream()
            .distinct()
            .filter(text -> of(text) == null)
            .sorted(Comparator.comparingInt(String::length))
            .toList();
    if (missing.isEmpty()) {
      return;
    }
    System.out.printf("Embedding %d texts, once.%n", missing.size());
    try (var model = new Model()) {
      rewrite();
      try (var out =
          new DataOutputStream(
              new BufferedOutputStream(
                  Files.newOutputStream(
                      file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)))) {
        var done = new AtomicInteger();
        missing.parallelStream()
            .forEach(
                text -> {
                  float[] vector = model.embed(text);
                  keep(text, vector, out);
                  if (done.incrementAndGet() % 1000 == 0) {
                    System.out.printf("  %d of %d%n", done.get(), missing.size());
                  }
                });
      }
    } catch (IOException | OrtException e) {
      throw new IllegalStateException("Texts cannot be embedded", e);
    }
  }

  /** Without an incomplete entry at the end. */
  private void rewrite() throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    int entry = HASH + Float.BYTES * DIMENSIONS;
    if (Files.exists(file)) {
      try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() / entry * entry);
      }
    }
  }

  private synchronized void keep(String text, float[] vector, DataOutputStream out) {
    byte[] hash = hash(text);
    known.put(HexFormat.of().formatHex(hash), vector);
    try {
      out.write(hash);
      for (float v : vector) {
        out.writeFloat(v);
      }
    } catch (IOException e) {
      throw new IllegalStateException(file + " cannot be written", e);
    }
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Model implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final HuggingFaceTokenizer tokenizer;

    Model() throws IOException, OrtException {
      try (InputStream graph = resource(MODEL + ".onnx");
          InputStream vocabulary = resource(MODEL + "-tokenizer.json");
          var options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        session = environment.createSession(graph.readAllBytes(), options);
        tokenizer =
            HuggingFaceTokenizer.newInstance(
                vocabulary, Map.of("truncation", "false", "padding", "false"));
      }
    }

    private static InputStream resource(String name) {
      return RecordedEmbeddings.class.getClassLoader().getResourceAsStream(name);
    }

    float[] embed(String text) {
      long[] all = tokenizer.encode(text, true, false).getIds();
      long[] ids = all;
      if (all.length > MOST_TOKENS) {
        ids = new long[MOST_TOKENS];
        int half = MOST_TOKENS / 2;
        System.arraycopy(all, 0, ids, 0, half);
        System.arraycopy(all, all.length - half, ids, half, half);
      }
      var ones = new long[ids.length];
      java.util.Arrays.fill(ones, 1);
      try (var input = OnnxTensor.createTensor(environment, new long[][] {ids});
          var attention = OnnxTensor.createTensor(environment, new long[][] {ones});
          var types = OnnxTensor.createTensor(environment, new long[1][ids.length]);
          var result =
              session.run(
                  Map.of(
                      "input_ids", input, "attention_mask", attention, "token_type_ids", types))) {
        return unitMean(((float[][][]) result.get(0).getValue())[0]);
      } catch (OrtException e) {
        throw new IllegalStateException("A text cannot be embedded", e);
      }
    }

    private static float[] unitMean(float[][] states) {
      var sums = new double[DIMENSIONS];
      for (float[] state : states) {
        for (int i = 0; i < DIMENSIONS; i++) {
          sums[i] += state[i];
        }
      }
      double norm = 0;
      for (double s : sums) {
        norm += s * s;
      }
      var unit = new float[DIMENSIONS];
      for (int i = 0; i < DIMENSIONS; i++) {
        unit[i] = (float) (sums[i] / Math.sqrt(norm));
      }
      return unit;
    }

    @Override
    public void close() throws OrtException {
      tokenizer.close();
      session.close();
    }
  }
}
