package dev.tutti.registry.dataset;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The fingerprint of a dataset: the sum of its queries' SHA-256, modulo 2^256. It does not depend
 * on their order, and a change costs no more than what changes.
 */
final class Fingerprint {

  private static final int BYTES = 32;
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(BYTES * 8);

  private Fingerprint() {}

  /** The fingerprint with one query more ({@code sign} 1) or less (-1). */
  static BigInteger sum(BigInteger fingerprint, byte[] document, int sign) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(document);
      var term = new BigInteger(1, hash);
      return (sign > 0 ? fingerprint.add(term) : fingerprint.subtract(term)).mod(MODULUS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** As it is kept: 32 bytes. */
  static byte[] bytes(BigInteger fingerprint) {
    byte[] bytes = new byte[BYTES];
    byte[] shortest = fingerprint.toByteArray();
    // A leading zero byte is the sign.
    int skipped = Math.max(0, shortest.length - BYTES);
    int length = shortest.length - skipped;
    System.arraycopy(shortest, skipped, bytes, BYTES - length, length);
    return bytes;
  }

  /** The other way round. */
  static BigInteger number(byte[] bytes) {
    return new BigInteger(1, bytes);
  }
}
