package dev.tutti.starter.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OrtException;
import dev.tutti.starter.eval.OnnxDecoder;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Network;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.DecoderExporter;
import dev.tutti.starter.train.onnx.DecoderExporter.Attention;
import dev.tutti.starter.train.onnx.DecoderExporter.Precision;
import dev.tutti.starter.train.onnx.StoredWeights;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The exported graph computes what the trainer computes. */
class ExporterTest {

  private static final int ROWS = 3;
  private static final int LENGTH = 17;

  private final Architecture architecture = new Architecture(300, 64, 3, 4, 80, 64);
  private final Weights weights = Weights.fresh(architecture, 5);
  private final long[] ids = new SplittableRandom(6).longs((long) ROWS * LENGTH, 0, 300).toArray();

  @BeforeAll
  static void engine() {
    Train.configureEngine();
  }

  @ParameterizedTest
  @EnumSource
  void singlePrecision(Attention attention) throws OrtException {
    assertSame(weights, attention, Precision.FP32, 11, 12, LENGTH);
  }

  @ParameterizedTest
  @EnumSource
  void halfPrecisionIsTheTrainersNetworkWithRoundedWeights(Attention attention)
      throws OrtException {
    assertSame(weights.halved(), attention, Precision.FP16, 11, 12, LENGTH);
  }

  @ParameterizedTest
  @EnumSource
  void tokenByToken(Attention attention) throws OrtException {
    assertSame(weights, attention, Precision.FP32, IntStream.rangeClosed(1, LENGTH).toArray());
  }

  @Test
  void storedWeightsAreReadBackAsTheyWereRounded() throws IOException {
    byte[] model =
        DecoderExporter.export("test", architecture, Attention.BASIC, weights, Precision.FP16);
    assertArrayEquals(weights.halved().values(), StoredWeights.read(model, architecture).values());
    Architecture wider = new Architecture(300, 64, 3, 4, 96, 64);
    assertThrows(IOException.class, () -> StoredWeights.read(model, wider));
  }

  private void assertSame(
      Weights reference, Attention attention, Precision precision, int... chunkEnds)
      throws OrtException {
    float[][] expected = new Network(architecture).logits(reference, ids, ROWS);
    byte[] model = DecoderExporter.export("test", architecture, attention, weights, precision);
    // Several tokens after a cache: GroupQueryAttention takes one row at a time.
    int rowsAtOnce = attention == Attention.BASIC ? ROWS : 1;
    try (OnnxDecoder decoder = new OnnxDecoder(model)) {
      for (int first = 0; first < ROWS; first += rowsAtOnce) {
        try (OnnxDecoder.Sequences rows = decoder.open(rowsAtOnce)) {
          int from = 0;
          for (int to : chunkEnds) {
            compare(expected, rows, first, rowsAtOnce, from, to);
            from = to;
          }
        }
      }
    }
  }

  private void compare(
      float[][] expected, OnnxDecoder.Sequences rows, int first, int count, int from, int to)
      throws OrtException {
    long[][] part = new long[count][];
    for (int r = 0; r < count; r++) {
      int start = (first + r) * LENGTH;
      part[r] = Arrays.copyOfRange(ids, start + from, start + to);
    }
    float[][][] logits = rows.append(part);
    for (int r = 0; r < count; r++) {
      for (int i = from; i < to; i++) {
        assertArrayEquals(expected[(first + r) * LENGTH + i], logits[r][i - from], 1e-3f);
      }
    }
  }
}
