package dev.tutti.learning;

import dev.tutti.numerics.Matrix;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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

  /** Without {@link Origin}. */
  private static final int OLDEST = 1;

  private static final int FORMAT = 2;

  /**
   * Where an artifact comes from: equal provenance, equal artifact.
   *
   * @param dataFingerprint of what was learned from: equal data, equal fingerprint
   * @param queries how many rows were learned from
   * @param settings of the fit, as JSON
   * @param seed of its random generator
   * @param origin what embedded and computed
   */
  public record Provenance(
      String dataFingerprint, int queries, String settings, long seed, Origin origin) {

    /** Of a fit that nobody keeps, or of which it was not noted what computed it. */
    public Provenance(String dataFingerprint, int queries, String settings, long seed) {
      this(dataFingerprint, queries, settings, seed, Origin.UNKNOWN);
    }
  }

  /**
   * What embedded the texts and computed the rest.
   *
   * @param embedder name of the model that embedded; empty where nothing was embedded, or it was
   *     not noted
   * @param embedderSha256 SHA-256 of that model, as hex; empty where it is not known
   * @param build of this program
   * @param jdk version of the Java platform
   */
  public record Origin(String embedder, String embedderSha256, String build, String jdk) {

    /** Of artifacts of format 1. */
    public static final Origin UNKNOWN = new Origin("", "", "", "");

    private List<String> texts() {
      return List.of(embedder, embedderSha256, build, jdk);
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
    // One of format 1 that was read is written as it was.
    boolean old = provenance.origin().equals(Origin.UNKNOWN);
    if (!old) {
      provenance.origin().texts().forEach(text -> texts.add(utf8(text)));
    }
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
    bytes.putInt(MAGIC).putInt(old ? OLDEST : FORMAT).putInt(version).putInt(provenance.queries());
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
      if (format < OLDEST || format > FORMAT) {
        throw new IllegalArgumentException(
            "The artifact has format %d; known: %d to %d.".formatted(format, OLDEST, FORMAT));
      }
      int version = bytes.getInt();
      int queries = bytes.getInt();
      long seed = bytes.getLong();
      int members = bytes.getInt();
      int matrices = bytes.getInt();
      String method = text(bytes);
      String fingerprint = text(bytes);
      String settings = text(bytes);
      Origin origin =
          format == OLDEST
              ? Origin.UNKNOWN
              : new Origin(text(bytes), text(bytes), text(bytes), text(bytes));
      var provenance = new Provenance(fingerprint, queries, settings, seed, origin);
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
