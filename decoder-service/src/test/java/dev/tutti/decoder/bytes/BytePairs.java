package dev.tutti.decoder.bytes;

import dev.tutti.decoder.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A byte-pair encoding made up for a test: some bytes, and merges in their order. The end is its
 * last token.
 */
record BytePairs(List<byte[]> pieces, List<int[]> merges) implements Tokenizer {

  /** Bytes and random merges of them, no piece twice. */
  static BytePairs random(RandomGenerator random, byte[] alphabet, int merges) {
    var pieces = new ArrayList<byte[]>();
    for (byte b : alphabet) {
      pieces.add(new byte[] {b});
    }
    var pairs = new ArrayList<int[]>();
    while (pairs.size() < merges) {
      int left = random.nextInt(pieces.size());
      int right = random.nextInt(pieces.size());
      byte[] piece = join(pieces.get(left), pieces.get(right));
      if (piece.length <= 5 && pieces.stream().noneMatch(p -> Arrays.equals(p, piece))) {
        pairs.add(new int[] {left, right, pieces.size()});
        pieces.add(piece);
      }
    }
    return new BytePairs(pieces, pairs);
  }

  private static byte[] join(byte[] left, byte[] right) {
    byte[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }

  @Override
  public int size() {
    return pieces.size() + 1;
  }

  @Override
  public byte[] bytes(int token) {
    return isEnd(token) ? new byte[0] : pieces.get(token);
  }

  @Override
  public boolean isSpecial(int token) {
    return isEnd(token);
  }

  @Override
  public boolean isEnd(int token) {
    return token == pieces.size();
  }

  @Override
  public int[] encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The merges one after the other, each wherever it fits, from the left. */
  int[] encode(byte[] text) {
    var tokens = new ArrayList<Integer>();
    for (byte b : text) {
      for (int t = 0; t < pieces.size(); t++) {
        if (pieces.get(t).length == 1 && pieces.get(t)[0] == b) {
          tokens.add(t);
        }
      }
    }
    for (int[] merge : merges) {
      for (int i = 0; i + 1 < tokens.size(); i++) {
        if (tokens.get(i) == merge[0] && tokens.get(i + 1) == merge[1]) {
          tokens.set(i, merge[2]);
          tokens.remove(i + 1);
        }
      }
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  /** What tokens spell. */
  byte[] text(int... tokens) {
    var text = new ByteArrayOutputStream();
    for (int token : tokens) {
      text.writeBytes(bytes(token));
    }
    return text.toByteArray();
  }
}
