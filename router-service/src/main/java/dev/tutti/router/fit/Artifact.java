package dev.tutti.router.fit;

import dev.tutti.numerics.Matrix;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.TreeMap;

/**
 * What a fit made, to be kept: immutable, versioned, and with where it comes from.
 *
 * @param method name of the method
 * @param version counted by whoever keeps it; at least 1
 * @param parameters what was learned
 * @param provenance where it comes from
 */
public record Artifact(String method, int version, Parameters parameters, Provenance provenance) {

  /** "TuFA" and the version of the format. */
  private static final int MAGIC = 0x54754641;

  private static final int FORMAT = 1;

  /**
   * Where an artifact comes from: equal provenance, equal artifact.
   *
   * @param dataFingerprint {@link Outcomes#fingerprint}
   * @param queries how many outcomes rows there were
   * @param settings of the fit, as JSON
   * @param seed of its random generator
   */
  public record Provenance(String dataFingerprint, int queries, String settings, long seed) {

    /** Of a fit to these outcomes. */
    public static Provenance of(Outcomes outcomes, String settings, long seed) {
      return new Provenance(outcomes.fingerprint(), outcomes.size(), settings, seed);
    }
  }

  /** Checks the version. */
  public Artifact {
    if (version < 1) {
      throw new IllegalArgumentException(
          "An artifact has version %d; the first is 1.".formatted(version));
    }
  }

  /** All of it as bytes; equal artifacts, equal bytes. */
  public byte[] bytes() {
    var texts = new ArrayList<byte[]>();
    texts.add(utf8(method));
    texts.add(utf8(provenance.dataFingerprint()));
    texts.add(utf8(provenance.settings()));
    parameters.members().forEach(member -> texts.add(utf8(member)));
    parameters.matrices().keySet().forEach(name -> texts.add(utf8(name)));
    long size = 7 * Integer.BYTES + Long.BYTES;
    for (byte[] text : texts) {
      size += Integer.BYTES + text.length;
    }
    for (Matrix matrix : parameters.matrices().values()) {
      size += 2 * Integer.BYTES + (long) Float.BYTES * matrix.values().length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
    bytes.putInt(MAGIC).putInt(FORMAT).putInt(version).putInt(provenance.queries());
    bytes.putLong(provenance.seed());
    bytes.putInt(parameters.members().size()).putInt(parameters.matrices().size());
    texts.forEach(text -> bytes.putInt(text.length).put(text));
    for (Matrix matrix : parameters.matrices().values()) {
      bytes.putInt(matrix.rows()).putInt(matrix.columns());
      bytes.asFloatBuffer().put(matrix.values());
      bytes.position(bytes.position() + Float.BYTES * matrix.values().length);
    }
    return java.util.Arrays.copyOf(bytes.array(), bytes.position());
  }

  /**
   * The artifact that {@link #bytes} wrote.
   *
   * @throws IllegalArgumentException when the bytes are something else
   */
  public static Artifact of(byte[] written) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(written);
      if (bytes.getInt() != MAGIC) {
        throw new IllegalArgumentException("These bytes are no artifact.");
      }
      int format = bytes.getInt();
      if (format != FORMAT) {
        throw new IllegalArgumentException(
            "The artifact has format %d; known: %d.".formatted(format, FORMAT));
      }
      int version = bytes.getInt();
      int queries = bytes.getInt();
      long seed = bytes.getLong();
      int members = bytes.getInt();
      int matrices = bytes.getInt();
      String method = text(bytes);
      var provenance = new Provenance(text(bytes), queries, text(bytes), seed);
      var names = new ArrayList<String>();
      for (int i = 0; i < members; i++) {
        names.add(text(bytes));
      }
      var keys = new ArrayList<String>();
      for (int i = 0; i < matrices; i++) {
        keys.add(text(bytes));
      }
      var read = new TreeMap<String, Matrix>();
      for (String key : keys) {
        read.put(key, matrix(bytes));
      }
      return new Artifact(method, version, new Parameters(names, read), provenance);
    } catch (java.nio.BufferUnderflowException
        | NegativeArraySizeException
        | ArithmeticException e) {
      throw new IllegalArgumentException("The artifact is cut off or damaged.", e);
    }
  }

  private static Matrix matrix(ByteBuffer bytes) {
    int rows = bytes.getInt();
    int columns = bytes.getInt();
    int count = Math.multiplyExact(rows, columns);
    if (count > bytes.remaining() / Float.BYTES) {
      throw new java.nio.BufferUnderflowException();
    }
    var values = new float[count];
    bytes.asFloatBuffer().get(values);
    bytes.position(bytes.position() + Float.BYTES * count);
    return new Matrix(rows, columns, values);
  }

  private static String text(ByteBuffer bytes) {
    int length = bytes.getInt();
    if (length > bytes.remaining()) {
      throw new java.nio.BufferUnderflowException();
    }
    var text = new byte[length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
