package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtException;
import dev.tutti.starter.eval.OnnxDecoder;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The cache and the mask mean what Hugging Face's layout says. */
class OnnxLayoutTest {

  private static final float TOLERANCE = 1e-3f;

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void severalTokensAfterACacheGiveWhatOnePassGives(String model) throws IOException, OrtException {
    try (OnnxDecoder decoder = decoder(model)) {
      long[] ids = random(20);
      float[][] whole = logits(decoder, ids, 20);
      assertSame(whole, logits(decoder, ids, 7, 1, 5, 1, 6));
      assertSame(whole, logits(decoder, ids, 1, 19));
    }
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void paddingOnTheLeftChangesNothing(String model) throws IOException, OrtException {
    String attention = StarterFiles.json(model + "/manifest.json").get("attention").asText();
    assumeTrue(attention.equals("basic"), "GroupQueryAttention takes no padding on the left");
    try (OnnxDecoder decoder = decoder(model)) {
      long[] ids = random(9);
      float[][] alone = logits(decoder, ids, 9);
      long[][] padded = new long[2][12];
      boolean[][] real = new boolean[2][12];
      System.arraycopy(ids, 0, padded[0], 3, 9);
      Arrays.fill(real[0], 3, 12, true);
      padded[1] = random(12);
      Arrays.fill(real[1], true);
      try (OnnxDecoder.Sequences rows = decoder.open(2)) {
        float[][][] logits = rows.append(padded, real);
        assertSame(alone, Arrays.copyOfRange(logits[0], 3, 12));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void theWholeContextRuns(String model) throws IOException, OrtException {
    int context = StarterFiles.json(model + "/config.json").get("max_position_embeddings").asInt();
    int vocabulary = StarterFiles.json(model + "/config.json").get("vocab_size").asInt();
    try (OnnxDecoder decoder = decoder(model)) {
      float[][] logits = logits(decoder, random(context), context - 1, 1);
      assertEquals(context, logits.length);
      assertEquals(vocabulary, logits[0].length);
    }
  }

  private static OnnxDecoder decoder(String model) throws IOException, OrtException {
    return new OnnxDecoder(StarterFiles.bytes(model + "/model.onnx"));
  }

  private static float[][] logits(OnnxDecoder decoder, long[] ids, int... chunks)
      throws OrtException {
    float[][] all = new float[ids.length][];
    int from = 0;
    try (OnnxDecoder.Sequences row = decoder.open(1)) {
      for (int chunk : chunks) {
        long[] part = Arrays.copyOfRange(ids, from, from + chunk);
        float[][][] logits = row.append(new long[][] {part});
        System.arraycopy(logits[0], 0, all, from, chunk);
        from += chunk;
      }
    }
    return all;
  }

  private static long[] random(int length) {
    return new SplittableRandom(length).longs(length, 1, 250).toArray();
  }

  private static void assertSame(float[][] expected, float[][] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], actual[i], TOLERANCE, "position " + i);
    }
  }
}
