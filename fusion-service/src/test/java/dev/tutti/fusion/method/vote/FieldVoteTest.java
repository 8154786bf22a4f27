package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FieldVoteTest extends FusionContract {

  private static final Query QUERY = new Query("Who, when and where?");

  @Override
  protected Selector selector() {
    return new FieldVote(FieldVote.Settings.DEFAULTS);
  }

  private static Weighing vote(boolean prior, double[] priors, String... texts) {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < texts.length; i++) {
      answers.add(new Answer("m" + i, priors[i], texts[i].replace('\'', '"')));
    }
    return new FieldVote(new FieldVote.Settings(prior)).weigh(QUERY, new Candidates(answers));
  }

  private static int chosen(String... texts) {
    double[] priors = new double[texts.length];
    Arrays.fill(priors, 1);
    return vote(false, priors, texts).chosen().orElseThrow();
  }

  /** The majorities are a: 1, b: 2, c: 3: the last has all, the others two each. */
  @Test
  void whoHasMostMajoritiesIsGivenThoughNobodySaysTheSame() {
    assertEquals(
        3,
        chosen(
            "{'a': 1, 'b': 2, 'c': 9}",
            "{'a': 1, 'b': 9, 'c': 3}",
            "{'a': 9, 'b': 2, 'c': 3}",
            "It is {'c': 3.0, 'b': 2, 'a': 1}."));
  }

  /** Majorities are a: 1 and no b. */
  @Test
  void aFieldThatIsNotThereIsAValue() {
    assertEquals(2, chosen("{'a': 1, 'b': 5}", "{'a': 2}", "{'a': 1}"));
  }

  @Test
  void objectsWithinAreVotedOnByTheirOwnFieldsAndListsAreNot() {
    assertEquals(
        1,
        chosen(
            "{'x': {'a': 1, 'b': 9, 'l': [1, 9]}}",
            "{'x': {'a': 1, 'b': 2, 'l': [1, 2]}}",
            "{'x': {'a': 9, 'b': 2, 'l': [1, 2]}}"));
  }

  /** Uniformly 1 has two votes; by weights 2 has 3 of 5. */
  @Test
  void membersCountByTheirWeightsWhereTheyAreTo() {
    double[] priors = {1, 1, 3};
    String[] texts = {"{'a': 1}", "{'a': 1}", "{'a': 2}"};
    assertEquals(0, vote(false, priors, texts).chosen().orElseThrow());
    assertEquals(2, vote(true, priors, texts).chosen().orElseThrow());
  }

  @Test
  void whoGivesNoObjectDoesNotWinAndCountsInTheAgreement() {
    Weighing weighing =
        vote(false, new double[] {9, 1, 1, 1}, "no idea", "{'a': 1}", "{'a': 2}", "{'a': 2}");
    assertEquals(2, weighing.chosen().orElseThrow());
    assertEquals(0.5, weighing.agreement(), 1e-12);
    assertTrue(weighing.answers().getFirst().isEmpty());
    assertEquals(
        "The answer of 'm2' has 1 of 1 fields as most answers have them.", weighing.explanation());
  }

  @Test
  void whereFewAreObjectsTheMajorityOfAllIsGiven() {
    assertEquals(1, chosen("{'a': 1}", "14", "14", "15"));
    assertEquals(
        List.of(0.25, 0.25, 0.25, 0.25),
        vote(false, new double[] {1, 1, 1, 1}, "1", "2", "3", "4").weights());
  }
}
