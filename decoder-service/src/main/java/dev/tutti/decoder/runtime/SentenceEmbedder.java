package dev.tutti.decoder.runtime;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tutti.decoder.DecodeException;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Sentence embeddings by all-MiniLM-L6-v2 (Reimers & Gurevych 2019): the mean of the last hidden
 * states over all tokens, scaled to unit length; 384 numbers. Thread-safe.
 *
 * <p>Texts of all callers share one queue and a thread a core, a text a pass. They are not stacked
 * into one tensor: this model's activations are quantised with one scale a tensor, so that a text's
 * embedding would change with its neighbours (by up to 0.02 an element, as measured), and padding
 * made mixed lengths slower than one by one.
 */
public final class SentenceEmbedder implements AutoCloseable {

  /** Its name. */
  public static final String NAME = "all-minilm-l6-v2";

  /** Most tokens of a text, the two special ones included. */
  public static final int MOST_TOKENS = 512;

  private static final String FILES = "all-minilm-l6-v2-q";
  private static final int MOST_QUEUED = 8_192;

  private final OnnxRuntime runtime;
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;
  private final ThreadPoolExecutor threads;

  /**
   * Loads the model from the class path.
   *
   * @param parallel texts that are embedded at once
   */
  public SentenceEmbedder(OnnxRuntime runtime, int parallel) {
    this.runtime = runtime;
    try (InputStream graph = resource(FILES + ".onnx");
        InputStream vocabulary = resource(FILES + "-tokenizer.json")) {
      session = runtime.open(FILES + ".onnx", graph.readAllBytes());
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              vocabulary, Map.of("truncation", "false", "padding", "false"));
    } catch (IOException e) {
      throw new ModelLoadException("The files of " + NAME + " cannot be read.", e);
    }
    threads =
        new ThreadPoolExecutor(
            parallel,
            parallel,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_QUEUED),
            Thread.ofPlatform().name("embed-", 0).daemon().factory());
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = SentenceEmbedder.class.getClassLoader().getResourceAsStream(name);
    if (in == null) {
      throw new IOException(name + " is not on the class path");
    }
    return in;
  }

  /**
   * Embeddings and what they took.
   *
   * @param vectors one a text, of unit length
   * @param tokens read over all texts
   */
  public record Embeddings(List<float[]> vectors, long tokens) {}

  /**
   * Embeds texts.
   *
   * @throws dev.tutti.kit.grpc.FailureException when a text is too long, or too many wait
   * @throws CancelledException when interrupted
   */
  public Embeddings embed(List<String> texts) {
    var ids = new ArrayList<long[]>();
    long tokens = 0;
    for (int i = 0; i < texts.size(); i++) {
      long[] encoded = tokenizer.encode(texts.get(i), true, false).getIds();
      if (encoded.length > MOST_TOKENS) {
        throw new Failure.InvalidArgument(
                "texts[%d]".formatted(i),
                "CONTEXT_LENGTH_EXCEEDED",
                "The text has %d tokens; %s reads at most %d."
                    .formatted(encoded.length, NAME, MOST_TOKENS))
            .exception();
      }
      ids.add(encoded);
      tokens += encoded.length;
    }
    var waiting = new ArrayList<Future<float[]>>();
    try {
      for (long[] text : ids) {
        waiting.add(threads.submit((Callable<float[]>) () -> embed(text)));
      }
      var vectors = new ArrayList<float[]>();
      for (Future<float[]> vector : waiting) {
        vectors.add(vector.get());
      }
      return new Embeddings(vectors, tokens);
    } catch (RejectedExecutionException e) {
      throw new Failure.ResourceExhausted(
              "EMBEDDINGS_EXHAUSTED",
              "%d texts wait for their embedding; more are not taken.".formatted(MOST_QUEUED),
              Duration.ofSeconds(1))
          .exception();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } catch (ExecutionException e) {
      throw new DecodeException(NAME + " failed.", e.getCause());
    } finally {
      waiting.forEach(vector -> vector.cancel(false));
    }
  }

  private float[] embed(long[] ids) throws OrtException {
    var ones = new long[ids.length];
    Arrays.fill(ones, 1);
    try (var input = OnnxTensor.createTensor(runtime.environment(), new long[][] {ids});
        var mask = OnnxTensor.createTensor(runtime.environment(), new long[][] {ones});
        var types =
            OnnxTensor.createTensor(runtime.environment(), new long[][] {new long[ids.length]});
        var result =
            session.run(
                Map.of("input_ids", input, "attention_mask", mask, "token_type_ids", types))) {
      return unitMean(((float[][][]) result.get(0).getValue())[0]);
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
    threads.shutdownNow();
    tokenizer.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("A graph cannot be closed", e);
    }
  }
}
