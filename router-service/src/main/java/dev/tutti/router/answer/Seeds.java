package dev.tutti.router.answer;

import dev.tutti.router.Query;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The chance of one routing decision: the same conversation with the same seed is decided alike;
 * the decisions of different conversations with one seed, of a conversation's turns, and of
 * ensembles that are nested, are independent.
 */
final class Seeds {

  private Seeds() {}

  /** The generator of one decision. */
  static RandomGenerator generator(long seed, Query query, String ensemble) {
    return new SplittableRandom(mix(mix(mix(seed) ^ digest(query)) ^ ensemble.hashCode()));
  }

  /** The first 64 bits of SHA-256 over role and content of every message. */
  private static long digest(Query query) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (Query.Message message : query.messages()) {
        byte[] content = message.content().getBytes(StandardCharsets.UTF_8);
        // Names and lengths, so that no two conversations read alike; no ordinals, which may move.
        sha.update(message.role().name().getBytes(StandardCharsets.UTF_8));
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, content.length));
        sha.update(content);
      }
      return ByteBuffer.wrap(sha.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit. */
  private static long mix(long bits) {
    long z = bits + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
