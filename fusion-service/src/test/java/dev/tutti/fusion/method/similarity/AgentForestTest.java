package dev.tutti.fusion.method.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.similarity.AgentForest.Settings;
import dev.tutti.fusion.method.similarity.AgentForest.Similarity;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AgentForestTest extends FusionContract {

  private static final Query QUERY = new Query("?");

  @Override
  protected Selector selector() {
    return new AgentForest(Settings.DEFAULTS);
  }

  private static AgentForest by(Similarity similarity) {
    return new AgentForest(new Settings(similarity, AnswerForm.AUTO));
  }

  private static Weighing weigh(Similarity similarity, String... texts) {
    return by(similarity).weigh(QUERY, new Candidates(answers(texts)));
  }

  /** Of members with falling priors. */
  private static List<Answer> answers(String... texts) {
    return IntStream.range(0, texts.length)
        .mapToObj(i -> new Answer("m" + i, 1.0 / (i + 1), texts[i]))
        .toList();
  }

  private static void assertSupport(Weighing weighing, double... support) {
    for (int i = 0; i < support.length; i++) {
      assertEquals(support[i], weighing.support().get(i), 1e-12, "support of " + i);
    }
  }

  @Test
  void bleuTakesTheAnswerAsTheHypothesis() {
    // BLEU(a b | a b c d) = exp(1 - 4/2), BLEU(a b c d | a b) = (2/4 1/3 1/4 1/4)^(1/4).
    double brief = Math.exp(-1);
    double wordy = Math.pow(2 / 4.0 * 1 / 3 * 1 / 4 * (1 / 4.0), .25);
    Weighing weighing = weigh(Similarity.BLEU, "x", "a b", "a b c d");
    assertSupport(weighing, 1 / 3.0, (1 + brief) / 3, (1 + wordy) / 3);
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals((1 + brief) / 3, weighing.agreement(), 1e-12);
  }

  @Test
  void wordsAsBagsAndInOrderAreTwoThings() {
    // F1: all words of 0 and 1 are the same, 2 has two of three. Longest common: 0 and 1 one word
    // of three, 0 and 2 two, 1 and 2 one.
    String[] texts = {"c b a", "a b c", "c b x"};
    assertSupport(
        weigh(Similarity.TOKEN_F1, texts),
        (1 + 1 + 2 / 3.0) / 3,
        (1 + 1 + 2 / 3.0) / 3,
        (1 + 4 / 3.0) / 3);
    Weighing ordered = weigh(Similarity.ROUGE_L, texts);
    assertSupport(
        ordered, (1 + 1 / 3.0 + 2 / 3.0) / 3, (1 + 2 / 3.0) / 3, (1 + 2 / 3.0 + 1 / 3.0) / 3);
    assertEquals(0, ordered.chosen().orElseThrow(), "of equals the higher prior");
  }

  @Test
  void cosinesBelowNothingAreNothing() {
    AgentForest forest = by(Similarity.COSINE);
    assertEquals(Set.of(Evidence.Kind.EMBEDDINGS), forest.evidence());
    assertEquals(Set.of(), by(Similarity.BLEU).evidence());
    var evidence =
        new Evidence(
            Optional.empty(),
            List.of(
                Optional.of(new float[] {1, 0}),
                Optional.of(new float[] {.6f, .8f}),
                Optional.of(new float[] {-1, 0}),
                Optional.empty()),
            new LinkedHashMap<>(),
            List.of());
    Weighing weighing = forest.weigh(QUERY, new Candidates(answers("p", "q", "r", " "), evidence));
    assertEquals(1.6 / 4, weighing.support().get(0), 1e-7);
    assertEquals(1.6 / 4, weighing.support().get(1), 1e-7);
    assertEquals(.25, weighing.support().get(2), 1e-7);
    assertEquals(0, weighing.support().get(3));
    assertEquals(0, weighing.chosen().orElseThrow());
  }

  @Test
  void equalToolsAreAlikeByCosineToo() {
    List<Answer> answers =
        List.of(
            new Answer("a", 0, 3, "p", Optional.empty(), "a"),
            new Answer("b", 0, 1, "", Optional.of("f(1)"), "b"),
            new Answer("c", 0, 1, "", Optional.of("f(1)"), "c"));
    assertEquals(
        1, by(Similarity.COSINE).weigh(QUERY, new Candidates(answers)).chosen().orElseThrow());
  }

  @Test
  void ofTwoTheStrongerIsGiven() {
    // By BLEU the brief one would win.
    List<Answer> answers = List.of(new Answer("a", 1, "a b"), new Answer("b", 2, "a b c d"));
    for (Similarity similarity : Similarity.values()) {
      assertEquals(1, by(similarity).weigh(QUERY, new Candidates(answers)).chosen().orElseThrow());
    }
    List<Answer> silent =
        List.of(answers.get(0), answers.get(1), new Answer("c", 3, ""), new Answer("d", 3, " \n"));
    assertEquals(
        1, by(Similarity.BLEU).weigh(QUERY, new Candidates(silent)).chosen().orElseThrow());
  }

  @Test
  void whoSaysNothingHasNoVoteAndIsGivenOnlyAmongHisLike() {
    for (Similarity similarity : Similarity.values()) {
      Weighing weighing = weigh(similarity, "", " ", "\t", "it is 7");
      assertEquals(3, weighing.chosen().orElseThrow(), similarity.name());
      assertEquals(0, weighing.support().getFirst(), similarity.name());
      assertEquals(.25, weighing.support().get(3), 1e-12, similarity.name());
      assertEquals(0, weigh(similarity, "", " ").chosen().orElseThrow(), similarity.name());
    }
  }

  @Test
  void frequencyIsAVote() {
    Weighing weighing = weigh(Similarity.FREQUENCY, "8", "It is #### 7", "#### 7", "9");
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(.5, weighing.agreement(), 1e-12);
    AgentForest frequency = by(Similarity.FREQUENCY);
    var two = new Candidates(answers("7", "7"));
    assertTrue(frequency.isSettled(two, List.of(1.0)));
    assertFalse(by(Similarity.BLEU).isSettled(two, List.of(1.0)));
    assertTrue(by(Similarity.BLEU).isSettled(two, List.of()));
  }
}
