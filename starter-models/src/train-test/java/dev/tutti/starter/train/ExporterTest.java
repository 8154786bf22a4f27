package dev.tutti.starter.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.onnxruntime.OrtException;
import dev.tutti.starter.eval.OnnxDecoder;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Network;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.DecoderExporter;
import dev.tutti.starter.train.onnx.DecoderExporter.Precision;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The exported graph computes what the trainer computes. */
class ExporterTest {

  private static final int ROWS = 3;
  private static final int LENGTH = 17;

  private final Architecture architecture = new Architecture(300, 48, 3, 4, 80, 64);
  private final Weights weights = Weights.fresh(architecture, 5);
  private final long[] ids = new SplittableRandom(6).longs((long) ROWS * LENGTH, 0, 300).toArray();

  @BeforeAll
  static void engine() {
    Train.configureEngine();
  }

  @Test
  void singlePrecision() throws OrtException {
    assertSame(weights, Precision.FP32);
  }

  @Test
  void halfPrecisionIsTheTrainersNetworkWithRoundedWeights() throws OrtException {
    assertSame(weights.halved(), Precision.FP16);
  }

  private void assertSame(Weights reference, Precision precision) throws OrtException {
    float[][] expected = new Network(architecture).logits(reference, ids, ROWS);
    byte[] model = DecoderExporter.export("test", architecture, weights, precision);
    try (OnnxDecoder decoder = new OnnxDecoder(model);
        OnnxDecoder.Sequences rows = decoder.open(ROWS)) {
      compare(expected, rows, 0, 11);
      compare(expected, rows, 11, 12);
      compare(expected, rows, 12, LENGTH);
    }
  }

  private void compare(float[][] expected, OnnxDecoder.Sequences rows, int from, int to)
      throws OrtException {
    long[][] part = new long[ROWS][];
    boolean[][] real = new boolean[ROWS][to - from];
    for (int r = 0; r < ROWS; r++) {
      part[r] = Arrays.copyOfRange(ids, r * LENGTH + from, r * LENGTH + to);
      Arrays.fill(real[r], true);
    }
    float[][][] logits = rows.append(part, real);
    for (int r = 0; r < ROWS; r++) {
      for (int i = from; i < to; i++) {
        assertArrayEquals(expected[r * LENGTH + i], logits[r][i - from], 1e-3f);
      }
    }
  }
}
