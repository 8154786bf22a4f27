package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WeightedVoteTest extends FusionContract {

  private static final Query QUERY = new Query("Which one?");

  @Override
  protected Selector selector() {
    List<String> members = IntStream.range(0, 8).mapToObj(i -> "m" + i).toList();
    return new WeightedVote(
        WeightedVote.Settings.DEFAULTS,
        new VoteWeights(Parameters.of(members).with("weights", Matrix.row(1, 1, 1, 1, 1, 1, 1, 1))),
        0);
  }

  private static WeightedVote vote(String category, Parameters parameters) {
    return new WeightedVote(
        new WeightedVote.Settings("ours", AnswerForm.CHOICE, category),
        new VoteWeights(parameters),
        4);
  }

  private static WeightedVote vote(String category) {
    return vote(
        category,
        Parameters.of(List.of("a", "b", "c"))
            .with("weights", Matrix.row(3, 1, 1))
            .with("category:law", Matrix.row(1, 2, 2)));
  }

  private static Candidates said(String... texts) {
    return new Candidates(
        IntStream.range(0, texts.length)
            .mapToObj(i -> new Answer(List.of("a", "b", "c", "d").get(i), 1, texts[i]))
            .toList());
  }

  @Test
  void oneWhoIsTrustedOutvotesTwo() {
    Weighing weighing = vote("").weigh(QUERY, said("A", "B", "B"));
    assertEquals(0, weighing.chosen().orElseThrow());
    assertEquals(3.0 / 5, weighing.weights().get(0), 1e-12);
    assertEquals(1.0 / 5, weighing.weights().get(2), 1e-12);
    assertEquals(3.0 / 5, weighing.agreement(), 1e-12);
  }

  @Test
  void anotherCategoryTrustsOthers() {
    assertEquals(1, vote("law").weigh(QUERY, said("A", "B", "B")).chosen().orElseThrow());
    assertEquals(0, vote("poetry").weigh(QUERY, said("A", "B", "B")).chosen().orElseThrow());
  }

  @Test
  void aMemberIsKnownAsTheDatasetNamesIt() {
    var renamed = new Answer("large", 0, 1, "A", Optional.empty(), "a");
    var candidates =
        new Candidates(List.of(renamed, new Answer("b", 1, "B"), new Answer("c", 1, "B")));
    assertEquals(0, vote("").weigh(QUERY, candidates).chosen().orElseThrow());
  }

  @Test
  void whoWasNotLearnedAboutDecidesOnlyWhereNobodyElseSpeaks() {
    assertEquals(1, vote("").weigh(QUERY, said("?", "B", "?", "A")).chosen().orElseThrow());
    assertEquals(3, vote("").weigh(QUERY, said("?", "?", "?", "A")).chosen().orElseThrow());
  }

  @Test
  void theEnsemblesOwnWeightsMultiply() {
    var candidates =
        new Candidates(
            List.of(new Answer("a", 0.5, "A"), new Answer("b", 1, "B"), new Answer("c", 1, "B")));
    assertEquals(1, vote("").weigh(QUERY, candidates).chosen().orElseThrow());
  }

  @Test
  void itIsSettledOnceNobodyCanTurnIt() {
    assertTrue(
        vote("law").isSettled(said("A", "B", "B"), List.of()), "nobody is waited for any more");
    assertFalse(vote("").isSettled(said("A"), List.of(3.0)), "one as good may say B");
    assertTrue(vote("").isSettled(said("A"), List.of(1.0, 1.0)), "3 against 2 at most");
    assertTrue(vote("").isSettled(said("A", "A"), List.of(3.0)), "4 against 3 at most");
    assertFalse(vote("").isSettled(said("A", "A"), List.of(3.0, 1.0)));
  }

  @Test
  void itSaysWhatItStandsOn() {
    assertEquals(Optional.of(new Fitted("ours", 4, List.of("a", "b", "c"))), vote("").fitted());
  }

  @Test
  void whatAnAnswerWillCountIsKnownBefore() {
    assertEquals(6, vote("").weight("a", 2));
    assertEquals(1, vote("law").weight("a", 1));
    assertEquals(1e-6, vote("").weight("nobody", 1), 1e-12);
  }
}
