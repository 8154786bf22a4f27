package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.fixture.TiktokenVocabulary;
import dev.tutti.decoder.method.token.UnionVocabulary;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a step takes beyond its members' passes, with the vocabularies r50k (50,257) and cl100k
 * (100,277): {@code ./mvnw -pl decoder-service -am test -Pbenchmark -Dtest=StepBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false}. Medians over rounds in turns with a plain pass over the
 * same arrays, which adds up their numbers; above three times that it fails.
 */
@Tag("benchmark")
class StepBenchmark {

  private static final double MOST = 3;
  private static final int ROUNDS = 400;
  private static final int WARM_UP = 400;

  // Kept, so that nothing is optimised away.
  private double sum;

  @Test
  void aStepAgainstAPlainPass() {
    var random = new SplittableRandom(1);
    Tokenizer small = TiktokenVocabulary.r50k();
    Tokenizer large = TiktokenVocabulary.cl100k();
    List<Distribution> own = List.of(peaked(random, small.size()), peaked(random, large.size()));
    System.out.printf(
        "load %.1f%n", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    System.out.println("| step | median, us | plain pass, us | ratio |");
    System.out.println("|---|---|---|---|");
    combining(List.of(new TokenMember("a", 1, small), new TokenMember("b", 1, large)), own);
    topUnion(List.of(small, large), own);
  }

  private void combining(List<TokenMember> members, List<Distribution> own) {
    var union = new UnionVocabulary(members);
    int size = union.shared().size();
    double[][] aligned = new double[2][size];
    var combined = new double[size];
    List<StepCombiner.Vote> votes =
        List.of(
            new StepCombiner.Vote(0, .5, aligned[0], null),
            new StepCombiner.Vote(1, .5, aligned[1], null));
    measure(
        "two full distributions onto their union of %,d pieces, and the mean".formatted(size),
        () -> {
          for (int m = 0; m < 2; m++) {
            union.align(m, own.get(m), aligned[m]);
          }
          StepCombiner.MEAN.combine(votes, combined);
          sum += combined[0];
        },
        List.of(
            own.get(0).probabilities(),
            own.get(1).probabilities(),
            aligned[0],
            aligned[1],
            combined));
  }

  private void topUnion(List<Tokenizer> tokenizers, List<Distribution> own) {
    List<TopMember> members = new ArrayList<>();
    for (int m = 0; m < 2; m++) {
      var index = new PieceIndex(tokenizers.get(m));
      members.add(new TopMember(10, new LocalTopSession(new Told(own.get(m)), index)));
    }
    // Its tokens' probabilities, and those of its pieces.
    List<double[]> read = new ArrayList<>();
    own.forEach(each -> Collections.addAll(read, each.probabilities(), each.probabilities()));
    measure(
        "the ten most probable pieces of each, their union, and its scores",
        () -> {
          members.forEach(TopMember::ask);
          PieceUnion union = PieceUnion.of(members);
          members.forEach(member -> sum += member.ratings(union)[0]);
        },
        read);
  }

  private void measure(String what, Runnable step, List<double[]> arrays) {
    var steps = new double[ROUNDS];
    var plains = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      long start = System.nanoTime();
      step.run();
      long between = System.nanoTime();
      double added = 0;
      for (double[] array : arrays) {
        for (double value : array) {
          added += value;
        }
      }
      sum += added;
      long end = System.nanoTime();
      if (round >= 0) {
        steps[round] = (between - start) / 1e3;
        plains[round] = (end - between) / 1e3;
      }
    }
    double ratio = median(steps) / median(plains);
    System.out.printf(
        "| %s | %,.0f | %,.0f | %.2f |%n", what, median(steps), median(plains), ratio);
    assertTrue(ratio <= MOST, "%s takes %.2f plain passes".formatted(what, ratio));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** As a language model's: few probable tokens and a long tail. */
  private static Distribution peaked(SplittableRandom random, int size) {
    var logits = new float[size];
    for (int t = 0; t < size; t++) {
      logits[t] = (float) (2.5 * random.nextGaussian());
    }
    var distribution = new Distribution(size);
    distribution.setLogits(logits);
    return distribution;
  }

  /** A session that always tells the same. */
  private record Told(Distribution next) implements DecodeSession {
    @Override
    public int length() {
      return 1;
    }

    @Override
    public int[] tokens() {
      return new int[1];
    }

    @Override
    public double[] score(int... tokens) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<float[]> hidden() {
      return Optional.empty();
    }

    @Override
    public void append(int... tokens) {}

    @Override
    public int remaining() {
      return 1;
    }

    @Override
    public void rewind(int length) {}

    @Override
    public DecodeSession fork() {
      return this;
    }

    @Override
    public void close() {}
  }
}
