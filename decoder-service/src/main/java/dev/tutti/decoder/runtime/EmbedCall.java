package dev.tutti.decoder.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The texts that one caller waits for. What {@link EmbedQueue} keeps here it guards. */
final class EmbedCall {

  /** One text in tokens. */
  record Text(EmbedCall call, int position, long[] ids) {}

  final List<String> texts;
  final OptionalInt keptTokens;
  final CompletableFuture<float[][]> result = new CompletableFuture<>();
  final AtomicLong tokens = new AtomicLong();
  private final float[][] vectors;
  private final AtomicInteger missing;

  // The queue's.
  final TreeMap<Integer, Deque<Text>> ready = new TreeMap<>();
  int cut;
  boolean gone;

  /**
   * A call.
   *
   * @param keptTokens of a text that is longer; such a text is refused where this is empty
   */
  EmbedCall(List<String> texts, OptionalInt keptTokens) {
    this.texts = texts;
    this.keptTokens = keptTokens;
    this.vectors = new float[texts.size()][];
    this.missing = new AtomicInteger(texts.size());
  }

  /** Takes one text's vector; the last one ends the call. */
  void done(int position, float[] vector) {
    vectors[position] = vector;
    if (missing.decrementAndGet() == 0) {
      result.complete(vectors);
    }
  }

  void add(Text text) {
    ready
        .computeIfAbsent(EmbedQueue.likeness(text.ids().length), _ -> new ArrayDeque<>())
        .add(text);
  }
}
