package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.AnswerSchema;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  /** Takes objects whose field n is a number of one digit, and nothing else. */
  private record OneDigit(boolean voted) implements AnswerSchema {
    @Override
    public boolean accepts(String json) {
      boolean fits = json.strip().matches("\\{.*\"n\":\\s*\\d\\s*[,}].*");
      return fits && (voted || !json.equals("{\"a\":1,\"n\":2,\"s\":[\"x\",\"y\"]}"));
    }

    @Override
    public Set<String> unordered() {
      return Set.of("\"s\"");
    }
  }

  private static Weighing vote(AnswerSchema schema, String... texts) {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < texts.length; i++) {
      answers.add(new Answer("m" + i, 1, texts[i].replace('\'', '"')));
    }
    return new FieldVote(FieldVote.Settings.DEFAULTS)
        .weigh(QUERY, new Candidates(answers, Evidence.of(Optional.of(schema))));
  }

  private static final String[] THREE = {
    "{'a': 1, 'n': 2, 's': ['z']}",
    "Here: {'a': 1.0, 'n': 9, 's': ['y', 'x']}",
    "{'a': 5, 'n': 2, 's': ['x', 'y']}",
    "{'a': 7, 'n': '2'}"
  };

  /** Each says one thing that the others do not; the fourth does not satisfy the schema. */
  @Test
  void fieldsAreGivenAsMostHaveThem() {
    Weighing weighing = vote(new OneDigit(true), THREE);
    assertEquals(Optional.of("{\"a\":1,\"n\":2,\"s\":[\"x\",\"y\"]}"), weighing.text());
    assertEquals(0, weighing.chosen().orElseThrow());
    assertTrue(weighing.answers().get(3).isEmpty());
    // Of four answers two say a is 1, two that n is 2, one that s is z.
    assertEquals((.5 + .5 + .25) / 3, weighing.support().get(0), 1e-12);
    assertEquals((.5 + .25 + .5) / 3, weighing.support().get(1), 1e-12);
    assertEquals(0, weighing.support().get(3));
    assertEquals(
        "Each of 3 fields is given as most answers have it; that of 'm0' has the most of them, 2.",
        weighing.explanation());
  }

  @Test
  void whereThatDoesNotSatisfyTheSchemaTheBestAnswerIsGiven() {
    Weighing weighing = vote(new OneDigit(false), THREE);
    assertEquals(0, weighing.chosen().orElseThrow());
    assertEquals(Optional.empty(), weighing.text());
  }

  @Test
  void onlyTheJsonOfAnAnswerIsGiven() {
    Weighing weighing =
        vote(new OneDigit(true), "{'n': 4}", "It is {'n': 3.0}.", "So {'n': 3}", "{'n': 33}");
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(Optional.of("{\"n\":3}"), weighing.text());
    assertEquals(.5, weighing.agreement(), 1e-12);
    assertEquals(Optional.empty(), vote(new OneDigit(true), "{ 'n': 3 }", "{'n': 3.0}").text());
  }

  @Test
  void whereNoAnswerSatisfiesTheSchemaNoneIsGiven() {
    Weighing weighing = vote(new OneDigit(true), "{'n': 33}", "no idea");
    assertTrue(weighing.chosen().isEmpty());
    assertEquals("None of 2 answers satisfies the schema.", weighing.explanation());
  }

  @Test
  void evenFieldsAreAsTheBestAnswerHasThem() {
    Weighing weighing =
        vote(
            new OneDigit(true),
            "{'n': 1, 'b': 1, 'c': 1}",
            "{'n': 2, 'b': 2, 'c': 2}",
            "{'n': 2, 'b': 3, 'c': 3}");
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(Optional.empty(), weighing.text());
  }

  @Test
  void whereMostWantToolsTheyAreCompared() {
    var answers =
        List.of(
            new Answer("a", 0, 1, "", Optional.of("add(1)"), "a"),
            new Answer("b", 0, 1, "", Optional.of("add(2)"), "b"),
            new Answer("c", 0, 1, "", Optional.of("add(2)"), "c"),
            new Answer("d", 0, 1, "", Optional.of("add(3)"), "d"),
            new Answer("e", 1, "no idea"),
            new Answer("f", 1, "no idea"),
            new Answer("g", 1, "no idea"));
    var evidence = Evidence.of(Optional.of(new OneDigit(true)));
    Weighing weighing =
        new FieldVote(FieldVote.Settings.DEFAULTS).weigh(QUERY, new Candidates(answers, evidence));
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(2.0 / 7, weighing.agreement(), 1e-12);
  }
}
