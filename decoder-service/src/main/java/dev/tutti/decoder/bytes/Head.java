package dev.tutti.decoder.bytes;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.bytes.SortedTokens.Range;

/**
 * One way in which a model may have written the text: tokens, and bytes behind them by which its
 * next token begins. Confined to one thread at a time.
 */
final class Head {

  /** Holds the prompt and the tokens; the head's own. */
  final DecodeSession session;

  /** Tokens behind the prompt. */
  final Path path;

  /** Probability of the tokens, up to a factor that is the same for all heads. */
  final double weight;

  /** Tokens that begin by the bytes behind the path, and are longer. */
  final Range range;

  /** How many bytes these are. */
  final int depth;

  /** Tokens of its session that are to be read, and were not written by the model itself. */
  final int unread;

  private Distribution next;

  private Head(
      DecodeSession session,
      Path path,
      double weight,
      Range range,
      int depth,
      int unread,
      Distribution next) {
    this.session = session;
    this.path = path;
    this.weight = weight;
    this.range = range;
    this.depth = depth;
    this.unread = unread;
    this.next = next;
  }

  /** At a boundary between tokens. */
  static Head at(DecodeSession session, Path path, double weight, Range all, int unread) {
    return new Head(session, path, weight, all, 0, unread, null);
  }

  /** The same with a byte more behind its tokens. */
  Head longer(double weight, Range range) {
    return new Head(session, path, weight, range, depth + 1, unread, next);
  }

  /** The same with another weight. */
  Head weighing(double weight) {
    return new Head(session, path, weight, range, depth, unread, next);
  }

  /** The same in a session of its own, which has not been asked. */
  Head fork() {
    return new Head(session.fork(), path, weight, range, depth, asked() ? 0 : unread, null);
  }

  /** Whether the model has told what comes next. */
  boolean asked() {
    return next != null;
  }

  /** Asks the model, where it has not told. */
  void ask() {
    if (next == null) {
      next = session.next();
    }
  }

  /** What the model told: one probability a token. */
  double[] probabilities() {
    return next.probabilities();
  }
}
