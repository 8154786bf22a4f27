package dev.tutti.registry.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.dataset.Partners.Rule;
import dev.tutti.registry.dataset.Partners.Standing;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PartnersTest {

  private static Outcome outcome(String member, double score, String response) {
    Outcome.Builder outcome = Outcome.newBuilder().setMember(member).setScore(score);
    if (response != null) {
      outcome.setResponse(response);
    }
    return outcome.build();
  }

  private static RecordedQuery query(Outcome... outcomes) {
    return RecordedQuery.newBuilder().setId("q").addAllOutcomes(List.of(outcomes)).build();
  }

  private static Partners of(Rule rule, Set<String> members, RecordedQuery... queries) {
    var count = new Partners.Count(members);
    List.of(queries).forEach(count::add);
    return count.by(rule);
  }

  private static Standing find(Partners partners, String member) {
    return partners.members().stream()
        .filter(standing -> standing.member().equals(member))
        .findFirst()
        .orElseThrow();
  }

  /**
   * By hand: means .8, .75, .7 of two queries. b is .05/.8 = 6.25 % below, c 12.5 %. The third
   * query was not answered by c and counts for nobody.
   */
  @Test
  void partnersAreWithinTenPercentOfTheBest() {
    Partners partners =
        of(
            Rule.DEFAULT,
            Set.of("a", "b", "c"),
            query(outcome("a", 1, "12"), outcome("b", .9, "13"), outcome("c", .6, "14")),
            query(outcome("a", .6, "12"), outcome("b", .6, "12"), outcome("c", .8, "12")),
            query(outcome("a", 0, "12"), outcome("b", 1, "12")));
    assertEquals(2, partners.queries());
    assertEquals(
        List.of("a", "b", "c"), partners.members().stream().map(Standing::member).toList());
    assertEquals(.75, find(partners, "b").score(), 1e-12);
    assertEquals(.0625, find(partners, "b").gap(), 1e-12);
    assertEquals(.125, find(partners, "c").gap(), 1e-12);
    assertTrue(find(partners, "a").partner());
    assertTrue(find(partners, "b").partner());
    assertFalse(find(partners, "c").partner());
    assertEquals("Its score is too far below the best.", find(partners, "c").reason());
  }

  /** By hand: 10 against 20 characters is twice, 21 is more; 3 lines against 1 is more too. */
  @Test
  void partnersAnswerAlike() {
    Partners partners =
        of(
            Rule.DEFAULT,
            Set.of("a", "twice", "longer", "lines"),
            query(
                outcome("a", 1, "x".repeat(10)),
                outcome("twice", 1, "é".repeat(20)),
                outcome("longer", 1, "x".repeat(21)),
                outcome("lines", 1, "one\ntwo\nx\n")));
    assertTrue(find(partners, "twice").partner(), "characters, not bytes");
    assertFalse(find(partners, "longer").partner());
    assertFalse(find(partners, "lines").partner());
    assertEquals(3, find(partners, "lines").style().orElseThrow().lines());
    assertEquals(20, find(partners, "twice").style().orElseThrow().characters());
    assertEquals(
        "Its answers are longer or shorter than those of the best, by too much.",
        find(partners, "longer").reason());
  }

  @Test
  void theRuleMayBeAnother() {
    RecordedQuery query =
        query(outcome("a", 1, "x"), outcome("b", .5, "xxx"), outcome("c", .49, "x"));
    Partners partners = of(new Rule(.5, 3), Set.of("a", "b", "c"), query);
    assertTrue(find(partners, "b").partner());
    assertFalse(find(partners, "c").partner());
  }

  @Test
  void whereAnswersAreNotRecordedNobodyKnows() {
    Partners partners =
        of(Rule.DEFAULT, Set.of("a", "b"), query(outcome("a", 1, "x"), outcome("b", 1, null)));
    assertFalse(find(partners, "b").partner());
    assertEquals(Optional.empty(), find(partners, "b").style());
    assertTrue(find(partners, "b").reason().startsWith("Answers are not recorded"));
  }

  /** Empty answers are of one character at least, so that nothing is divided by 0. */
  @Test
  void emptyAnswersAreAlike() {
    Partners partners =
        of(
            Rule.DEFAULT,
            Set.of("a", "b", "c"),
            query(outcome("a", 1, ""), outcome("b", 1, "xx"), outcome("c", 1, "xxx")));
    assertTrue(find(partners, "b").partner());
    assertFalse(find(partners, "c").partner());
  }

  /** Scores need not be above 0: the share is of the best one's size. */
  @Test
  void scoresMayBeNegativeOrNothing() {
    Partners negative =
        of(
            Rule.DEFAULT,
            Set.of("a", "b", "c"),
            query(outcome("a", -10, "x"), outcome("b", -11, "x"), outcome("c", -11.1, "x")));
    assertEquals(.1, find(negative, "b").gap(), 1e-12);
    assertTrue(find(negative, "b").partner());
    assertFalse(find(negative, "c").partner());
    Partners nothing =
        of(
            Rule.DEFAULT,
            Set.of("a", "b", "c"),
            query(outcome("a", 0, "x"), outcome("b", 0, "x"), outcome("c", -1, "x")));
    assertEquals(0, find(nothing, "b").gap());
    assertTrue(find(nothing, "b").partner());
    assertEquals(Double.POSITIVE_INFINITY, find(nothing, "c").gap());
  }

  @Test
  void whereNoQueryIsInCommonThereIsNobody() {
    Partners partners =
        of(
            Rule.DEFAULT,
            Set.of("a", "b"),
            query(outcome("a", 1, "x")),
            query(outcome("b", 1, "x")));
    assertEquals(new Partners(0, List.of()), partners);
    assertEquals(new Partners(0, List.of()), of(Rule.DEFAULT, Set.of()));
  }
}
