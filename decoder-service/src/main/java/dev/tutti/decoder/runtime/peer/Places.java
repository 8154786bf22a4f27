package dev.tutti.decoder.runtime.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.TopTokens;
import dev.tutti.decoder.v1.Place;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Distributions as they travel: all logits or all probabilities, bit for bit, or the most probable
 * tokens only.
 */
public final class Places {

  private Places() {}

  /**
   * What is told of a distribution.
   *
   * @param top how many of its most probable tokens; empty for all, exactly
   */
  public static Place of(Distribution distribution, OptionalInt top) {
    if (top.isPresent() && top.getAsInt() < distribution.size()) {
      var told = dev.tutti.decoder.v1.TopTokens.newBuilder();
      for (int token : TopTokens.of(distribution.probabilities(), top.getAsInt())) {
        told.addTokens(token).addProbabilities(distribution.probability(token));
      }
      return Place.newBuilder().setTop(told).build();
    }
    return distribution
        .logits()
        .map(logits -> Place.newBuilder().setLogits(bytes(logits)).build())
        .orElseGet(
            () -> Place.newBuilder().setProbabilities(bytes(distribution.probabilities())).build());
  }

  /** Numbers as float32, little-endian. */
  public static ByteString bytes(float[] values) {
    ByteBuffer bytes = buffer(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  private static ByteString bytes(double[] values) {
    ByteBuffer bytes = buffer(values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The inverse of {@link #bytes(float[])}. */
  static float[] floats(ByteString bytes) {
    var values = new float[bytes.size() / Float.BYTES];
    bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  /**
   * Reads a distribution into another.
   *
   * @param distribution overwritten
   * @throws DecodeException when the place tells none over as many tokens
   */
  static void read(Place place, Distribution distribution) {
    int size = distribution.size();
    switch (place.getDistributionCase()) {
      case LOGITS -> {
        requireSize(place.getLogits(), Float.BYTES, size);
        distribution.setLogits(floats(place.getLogits()));
      }
      case PROBABILITIES -> {
        requireSize(place.getProbabilities(), Double.BYTES, size);
        var values = new double[size];
        place
            .getProbabilities()
            .asReadOnlyByteBuffer()
            .order(ByteOrder.LITTLE_ENDIAN)
            .asDoubleBuffer()
            .get(values);
        distribution.setProbabilities(values);
      }
      case TOP -> distribution.setProbabilities(spread(place.getTop(), size));
      case DISTRIBUTION_NOT_SET -> throw new DecodeException("It told no distribution.");
    }
  }

  private static void requireSize(ByteString values, int width, int size) {
    if (values.size() != (long) width * size) {
      throw new DecodeException(
          "It told %d bytes for %d tokens of %d bytes each.".formatted(values.size(), size, width));
    }
  }

  private static double[] spread(dev.tutti.decoder.v1.TopTokens top, int size) {
    int count = top.getTokensCount();
    double rest = 1 - top.getProbabilitiesList().stream().mapToDouble(Double::doubleValue).sum();
    if (count == 0 || count != top.getProbabilitiesCount() || count > size || !(rest > -1e-6)) {
      throw new DecodeException(
          "It told %d tokens with %d probabilities, which leave %s to the others."
              .formatted(count, top.getProbabilitiesCount(), rest));
    }
    var values = new double[size];
    Arrays.fill(values, count == size ? 0 : Math.max(0, rest) / (size - count));
    for (int i = 0; i < count; i++) {
      int token = top.getTokens(i);
      if (token < 0 || token >= size) {
        throw new DecodeException("It told token %d of %d.".formatted(token, size));
      }
      values[token] = top.getProbabilities(i);
    }
    return values;
  }
}
