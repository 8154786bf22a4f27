package dev.tutti.decoder.bytes;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.fixture.TiktokenVocabulary;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a step of byte-exact costs beyond the forward passes, over the vocabularies r50k (50,257)
 * and cl100k (100,277), against one plain pass over the same arrays (each probability added to the
 * sum of its first byte): {@code ./mvnw -pl decoder-service -am test -Pbenchmark}. Medians over
 * steps of texts that are drawn from the members' mean; above three times the plain pass it fails.
 */
@Tag("benchmark")
class ByteStepBenchmark {

  private static final int STEPS = 4_000;
  private static final int WARM_UP = 1_000;
  private static final double MOST = 3;

  private double sink;

  @Test
  void aStepAgainstAPlainPass() {
    var random = new SplittableRandom(1);
    List<Tokenizer> vocabularies = List.of(TiktokenVocabulary.r50k(), TiktokenVocabulary.cl100k());
    List<Distribution> told = vocabularies.stream().map(v -> skewed(random, v.size())).toList();
    List<short[]> firsts = vocabularies.stream().map(ByteStepBenchmark::first).toList();
    var members = new ArrayList<ByteMember>();
    for (int m = 0; m < 2; m++) {
      members.add(
          new ByteMember(
              new TokenCuts(vocabularies.get(m)),
              new HeadBounds(4, 1e-3),
              new Constant(told.get(m), 1)));
    }
    var step = new double[STEPS];
    var plain = new double[STEPS];
    for (int i = -WARM_UP; i < STEPS; i++) {
      long start = System.nanoTime();
      members.forEach(ByteMember::ask);
      int next = drawn(random, members);
      members.forEach(member -> member.append(next, new byte[] {(byte) next}));
      long end = System.nanoTime();
      for (int m = 0; m < 2; m++) {
        sink += sum(told.get(m).probabilities(), firsts.get(m));
      }
      if (i >= 0) {
        step[i] = (end - start) / 1e3;
        plain[i] = (System.nanoTime() - end) / 1e3;
      }
    }
    members.forEach(ByteMember::close);
    double ratio = median(step) / median(plain);
    System.out.printf(
        "| byte-exact step, two vocabularies | %.0f us | plain pass %.0f us | %.2f | load %.1f%n",
        median(step),
        median(plain),
        ratio,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    assertTrue(sink > 0);
    assertTrue(ratio <= MOST, "a step takes %.2f plain passes".formatted(ratio));
  }

  private static double sum(double[] values, short[] first) {
    var sums = new double[ByteSymbols.SIZE];
    for (int t = 0; t < values.length; t++) {
      sums[first[t]] += values[t];
    }
    return sums['a'];
  }

  private static short[] first(Tokenizer pieces) {
    var first = new short[pieces.size()];
    for (int t = 0; t < first.length; t++) {
      first[t] = (short) (pieces.isSpecial(t) ? ByteSymbols.END : pieces.bytes(t)[0] & 0xFF);
    }
    return first;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** A byte by the members' mean, never the end. */
  private static int drawn(SplittableRandom random, List<ByteMember> members) {
    double mark = random.nextDouble();
    int last = ' ';
    for (int s = 0; s < ByteSymbols.END && mark >= 0; s++) {
      double p = 0;
      for (ByteMember member : members) {
        p += member.ratings(ByteSymbols.ALL)[s] / members.size();
      }
      last = p > 0 ? s : last;
      mark -= p;
    }
    return last;
  }

  /** Few tokens have most of the mass. */
  private static Distribution skewed(SplittableRandom random, int size) {
    double[] p = random.doubles(size).map(x -> Math.pow(x, -1.3)).toArray();
    double sum = Arrays.stream(p).sum();
    var distribution = new Distribution(size);
    distribution.setProbabilities(Arrays.stream(p).map(x -> x / sum).toArray());
    return distribution;
  }

  /** Says the same after any tokens, and takes no time. */
  private static final class Constant implements DecodeSession {

    private final Distribution told;
    private int length;

    Constant(Distribution told, int length) {
      this.told = told;
      this.length = length;
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public int remaining() {
      return 1 << 20;
    }

    @Override
    public int[] tokens() {
      return new int[length];
    }

    @Override
    public void append(int... tokens) {
      length += tokens.length;
    }

    @Override
    public Distribution next() {
      return told;
    }

    @Override
    public double[] score(int... tokens) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void rewind(int kept) {
      length = kept;
    }

    @Override
    public DecodeSession fork() {
      return new Constant(told, length);
    }

    @Override
    public void close() {}
  }
}
