package dev.tutti.starter.eval;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * An exported model, run in batches with its cache. For measuring the starter models, not for
 * serving: that is decoder-service's.
 */
public final class OnnxDecoder implements AutoCloseable {

  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  private final OrtSession session;

  /** Loads a model, one thread. */
  public OnnxDecoder(byte[] model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = ENVIRONMENT.createSession(model, options);
    }
  }

  /** Opens an empty sequence for each row. */
  public Sequences open(int rows) {
    return new Sequences(rows);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }

  /** Rows in progress, all with the same number of cached positions. */
  public final class Sequences implements AutoCloseable {

    private final int rows;
    private long[][] mask;
    private OrtSession.Result cache;

    private Sequences(int rows) {
      this.rows = rows;
      this.mask = new long[rows][0];
    }

    /**
     * Appends tokens to every row.
     *
     * @param ids [rows][n], none of them padding
     * @return the logits after each token, [rows][n][vocabulary]
     */
    public float[][][] append(long[][] ids) throws OrtException {
      boolean[][] real = new boolean[rows][ids[0].length];
      for (boolean[] row : real) {
        Arrays.fill(row, true);
      }
      return append(ids, real);
    }

    /**
     * Appends tokens, or padding, to every row.
     *
     * @param ids [rows][n]
     * @param real [rows][n], false for padding
     * @return the logits after each token, [rows][n][vocabulary]
     */
    public float[][][] append(long[][] ids, boolean[][] real) throws OrtException {
      int n = ids[0].length;
      int past = mask[0].length;
      LongBuffer tokens = LongBuffer.allocate(rows * n);
      LongBuffer positions = LongBuffer.allocate(rows * n);
      LongBuffer attended = LongBuffer.allocate(rows * (past + n));
      long[][] longer = new long[rows][past + n];
      for (int r = 0; r < rows; r++) {
        System.arraycopy(mask[r], 0, longer[r], 0, past);
        for (int i = 0; i < n; i++) {
          longer[r][past + i] = real[r][i] ? 1 : 0;
          tokens.put(ids[r][i]);
        }
        long seen = 0;
        for (int i = 0; i < past + n; i++) {
          seen += longer[r][i];
          if (i >= past) {
            positions.put(Math.max(0, seen - 1));
          }
        }
        attended.put(longer[r]);
      }
      mask = longer;
      return run(new long[] {rows, n}, tokens.flip(), positions.flip(), attended.flip(), past + n);
    }

    private float[][][] run(
        long[] shape, LongBuffer tokens, LongBuffer positions, LongBuffer attended, int total)
        throws OrtException {
      Map<String, OnnxTensorLike> inputs = new HashMap<>();
      Map<String, OnnxTensor> own = new HashMap<>();
      own.put("input_ids", OnnxTensor.createTensor(ENVIRONMENT, tokens, shape));
      own.put("position_ids", OnnxTensor.createTensor(ENVIRONMENT, positions, shape));
      own.put(
          "attention_mask",
          OnnxTensor.createTensor(ENVIRONMENT, attended, new long[] {rows, total}));
      for (var input : session.getInputInfo().entrySet()) {
        String name = input.getKey();
        if (!name.startsWith("past_key_values.")) {
          continue;
        }
        if (cache == null) {
          long[] empty = ((TensorInfo) input.getValue().getInfo()).getShape();
          empty[0] = rows;
          empty[2] = 0;
          FloatBuffer none =
              ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder()).asFloatBuffer();
          own.put(name, OnnxTensor.createTensor(ENVIRONMENT, none, empty));
        } else {
          String present = name.replace("past_key_values.", "present.");
          inputs.put(name, (OnnxTensor) cache.get(present).orElseThrow());
        }
      }
      inputs.putAll(own);
      try {
        OrtSession.Result result = session.run(inputs);
        close();
        cache = result;
        OnnxValue logits = result.get("logits").orElseThrow();
        return (float[][][]) logits.getValue();
      } finally {
        own.values().forEach(OnnxTensor::close);
      }
    }

    @Override
    public void close() {
      if (cache != null) {
        cache.close();
        cache = null;
      }
    }
  }
}
