package dev.tutti.decoder.learning;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.FitContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.BooleanSupplier;

/**
 * Whether the answers that a fit has written are right, in the order in which it asks for them. A
 * fit that is resumed asks for the same ones in the same order, and those that were kept are not
 * written again: they are nearly all of what it computes. For one thread at a time.
 */
final class KeptOutcomes {

  /** Answers between two checkpoints: a commit may take as long as a short answer. */
  static final int BETWEEN = 32;

  /** Grows whenever a fit asks in another order than that of a build before. */
  private static final int ORDER = 1;

  private final FitContext context;
  // The order, and the origin behind its length.
  private final byte[] head;
  private BitSet right = new BitSet();
  private int known;
  private int kept;
  private int next;

  /**
   * Those that the fit has kept so far.
   *
   * @param origin of what they hold for: members, their files, questions
   */
  KeptOutcomes(FitContext context, String origin) {
    this.context = context;
    byte[] bytes = origin.getBytes(StandardCharsets.UTF_8);
    this.head =
        ByteBuffer.allocate(2 * Integer.BYTES + bytes.length)
            .putInt(ORDER)
            .putInt(bytes.length)
            .put(bytes)
            .array();
    context.checkpoint().ifPresent(this::read);
  }

  private void read(byte[] checkpoint) {
    if (checkpoint.length >= head.length + Integer.BYTES
        && Arrays.equals(checkpoint, 0, head.length, head, 0, head.length)) {
      var bytes = ByteBuffer.wrap(checkpoint, head.length, checkpoint.length - head.length);
      known = bytes.getInt();
      right = BitSet.valueOf(bytes);
      kept = known;
    }
  }

  /** Whether the next answer is right: as it was kept, or as it comes out now. */
  boolean of(BooleanSupplier answer) {
    if (next == known) {
      right.set(known, answer.getAsBoolean());
      known++;
    }
    return right.get(next++);
  }

  /**
   * Keeps those that came since, where they are some.
   *
   * @throws FailureException {@link Failure.Unavailable} where the database is away: the fit is
   *     tried again
   */
  void keep() {
    if (known - kept < BETWEEN) {
      return;
    }
    byte[] bits = right.toByteArray();
    var checkpoint = ByteBuffer.allocate(head.length + Integer.BYTES + bits.length);
    try {
      context.checkpoint(checkpoint.put(head).putInt(known).put(bits).array());
    } catch (SQLException e) {
      throw new FailureException(
          new Failure.Unavailable("CHECKPOINT_FAILED", "What the fit has found was not kept."), e);
    }
    kept = known;
  }
}
