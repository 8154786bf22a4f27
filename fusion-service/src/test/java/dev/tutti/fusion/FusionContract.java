package dev.tutti.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every method of this family. */
public abstract class FusionContract {

  private static final Query QUERY = new Query("What is 6 x 7?");

  /** The method with its defaults. */
  protected abstract Selector selector();

  @Test
  void oneMemberIsTheIdentity() {
    for (String text : List.of("42", "I cannot tell.", "")) {
      Weighing weighing =
          selector().weigh(QUERY, new Candidates(List.of(new Answer("a", 0.5, text))));
      assertEquals(0, weighing.chosen().orElseThrow());
      assertEquals(List.of(1.0), weighing.weights());
    }
  }

  @Test
  void equalMembersAreTheSingleMember() {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < 5; i++) {
      answers.add(new Answer("m" + i, 0.5, "The answer is 42."));
    }
    Weighing weighing = selector().weigh(QUERY, new Candidates(answers));
    for (double weight : weighing.weights()) {
      assertEquals(0.2, weight, 1e-12);
    }
    assertEquals(1, weighing.agreement(), 1e-12);
    assertEquals(
        weighing.answers().getFirst(), weighing.answers().get(weighing.chosen().orElseThrow()));
  }

  @Test
  void permutedMembersGivePermutedWeights() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      List<Answer> answers = distinctPriors(random);
      var shuffled = new ArrayList<>(answers);
      Collections.shuffle(shuffled, random);
      Weighing one = selector().weigh(QUERY, new Candidates(answers));
      Weighing other = selector().weigh(QUERY, new Candidates(shuffled));
      // With priors that differ no tie is left to the order.
      assertEquals(
          answers.get(one.chosen().orElseThrow()), shuffled.get(other.chosen().orElseThrow()));
      for (int i = 0; i < answers.size(); i++) {
        int there = shuffled.indexOf(answers.get(i));
        assertEquals(one.weights().get(i), other.weights().get(there), 1e-12);
        assertEquals(one.answers().get(i), other.answers().get(there));
      }
    }
  }

  @Test
  void weightsSumToOneAndTheSameCandidatesGiveTheSameWeighing() {
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      Candidates candidates = new Candidates(distinctPriors(random));
      Weighing weighing = selector().weigh(QUERY, candidates);
      assertEquals(candidates.size(), weighing.weights().size());
      double sum = weighing.weights().stream().mapToDouble(w -> w).sum();
      assertEquals(1, sum, 1e-9);
      int chosen = weighing.chosen().orElseThrow();
      assertTrue(chosen >= 0 && chosen < candidates.size());
      assertTrue(weighing.agreement() >= 0 && weighing.agreement() <= 1);
      assertEquals(weighing, selector().weigh(QUERY, candidates));
    }
  }

  @Test
  void emptyPoolsWrongPriorsAndDoublesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Candidates(List.of()));
    for (double prior : new double[] {Double.NaN, 0, -1, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> new Answer("a", prior, "1"));
    }
    Answer answer = new Answer("a", 1, "1");
    assertThrows(IllegalArgumentException.class, () -> new Candidates(List.of(answer, answer)));
  }

  private static List<Answer> distinctPriors(Random random) {
    List<String> texts = List.of("1", "The answer is 2", "#### 3", "no idea", "", "B", "x = 2");
    int size = 1 + random.nextInt(8);
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < size; i++) {
      answers.add(new Answer("m" + i, (i + 1) / 10.0, texts.get(random.nextInt(texts.size()))));
    }
    Collections.shuffle(answers, random);
    return answers;
  }
}
