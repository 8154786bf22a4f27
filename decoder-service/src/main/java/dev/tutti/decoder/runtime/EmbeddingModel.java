package dev.tutti.decoder.runtime;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * What {@link SentenceEmbedder} loads: the graph and its tokenizer. Thread-safe.
 *
 * @param sha256 of the graph and the vocabulary, as hex
 */
record EmbeddingModel(
    OrtEnvironment environment, OrtSession session, HuggingFaceTokenizer tokenizer, String sha256)
    implements AutoCloseable {

  private static final String FILES = "all-minilm-l6-v2-q";

  /** Loads it from the class path. */
  static EmbeddingModel load(OnnxRuntime runtime) {
    try (InputStream graph = resource(FILES + ".onnx");
        InputStream vocabulary = resource(FILES + "-tokenizer.json")) {
      byte[] graphFile = graph.readAllBytes();
      byte[] vocabularyFile = vocabulary.readAllBytes();
      OrtSession session = runtime.open(FILES + ".onnx", graphFile);
      var options = Map.of("truncation", "false", "padding", "false");
      var tokenizer =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(vocabularyFile), options);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(graphFile);
      String sha256 = HexFormat.of().formatHex(digest.digest(vocabularyFile));
      return new EmbeddingModel(runtime.environment(), session, tokenizer, sha256);
    } catch (IOException e) {
      throw new ModelLoadException("The files of " + SentenceEmbedder.NAME + " cannot be read.", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = EmbeddingModel.class.getClassLoader().getResourceAsStream(name);
    if (in == null) {
      throw new IOException(name + " is not on the class path");
    }
    return in;
  }

  /** A text in tokens, the special ones included. */
  long[] tokens(String text) {
    return tokenizer.encode(text, true, false).getIds();
  }

  /** One pass; shorter texts are padded, which neither attention nor mean looks at. */
  float[][] embed(long[][] texts) throws OrtException {
    int longest = Arrays.stream(texts).mapToInt(ids -> ids.length).max().orElseThrow();
    var ids = new long[texts.length][];
    var mask = new long[texts.length][longest];
    for (int i = 0; i < texts.length; i++) {
      ids[i] = Arrays.copyOf(texts[i], longest);
      Arrays.fill(mask[i], 0, texts[i].length, 1);
    }
    try (var input = OnnxTensor.createTensor(environment, ids);
        var attention = OnnxTensor.createTensor(environment, mask);
        var types = OnnxTensor.createTensor(environment, new long[texts.length][longest]);
        var result =
            session.run(
                Map.of("input_ids", input, "attention_mask", attention, "token_type_ids", types))) {
      var states = (float[][][]) result.get(0).getValue();
      var vectors = new float[texts.length][];
      for (int i = 0; i < texts.length; i++) {
        vectors[i] = unitMean(Arrays.copyOf(states[i], texts[i].length));
      }
      return vectors;
    }
  }

  private static float[] unitMean(float[][] states) {
    var sums = new double[states[0].length];
    for (float[] state : states) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += state[i];
      }
    }
    double norm = Math.sqrt(Arrays.stream(sums).map(s -> s * s).sum());
    var unit = new float[sums.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (sums[i] / norm);
    }
    return unit;
  }

  @Override
  public void close() {
    tokenizer.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("A graph cannot be closed", e);
    }
  }
}
