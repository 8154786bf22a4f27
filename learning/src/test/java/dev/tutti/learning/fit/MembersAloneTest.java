package dev.tutti.learning.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.testing.SumMethod;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MembersAloneTest {

  private static final Dataset DATA =
      Dataset.newBuilder()
          .setName("d")
          .setCostUnit(CostUnit.COST_UNIT_USD_PER_CALL)
          .addMembers(DatasetMember.newBuilder().setMember("a"))
          .addMembers(DatasetMember.newBuilder().setMember("b"))
          .addMembers(DatasetMember.newBuilder().setMember("silent"))
          .build();

  private static final FitRequest REQUEST =
      FitRequest.of(
          Struct.newBuilder()
              .putFields("artifact", text("x"))
              .putFields("method", text("sum"))
              .putFields("dataset", text("d"))
              .putFields("holdout", Value.newBuilder().setNumberValue(0.5).build())
              .build(),
          List.of(new SumMethod()));

  private final List<String> held = texts(true);
  private final MembersAlone alone = new MembersAlone(REQUEST, DATA);

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static List<String> texts(boolean held) {
    return IntStream.range(0, 100)
        .mapToObj(i -> "query " + i)
        .filter(query -> REQUEST.holdsOut(FitRequest.number(query)) == held)
        .toList();
  }

  private static RecordedQuery row(String query, Outcome.Builder... outcomes) {
    var row = RecordedQuery.newBuilder().setId(query).setQuery(query);
    List.of(outcomes).forEach(row::addOutcomes);
    return row.build();
  }

  private static Outcome.Builder outcome(String member, double score) {
    return Outcome.newBuilder().setMember(member).setScore(score);
  }

  private ObjectNode told() {
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    alone.tell(told);
    return told;
  }

  /**
   * Two queries count: a is worth (1 + .5) / 2 at 2, b (0 + .5) / 2 at 1; the best answers are a's
   * of the first, at 2, and b's of the second, as good as a's and cheaper, at 1.
   */
  @Test
  void whatAllAnsweredIsWhatCounts() {
    alone.take(row(held.get(0), outcome("a", 9).setCost(9)));
    alone.take(
        row(held.get(1), outcome("a", 1).setCost(2), outcome("b", 0).setCost(1), outcome("c", 7)));
    alone.take(row(held.get(2), outcome("b", 9).setCost(9)));
    alone.take(row(held.get(3), outcome("b", 0.5).setCost(1), outcome("a", 0.5).setCost(2)));
    alone.take(
        row(texts(false).getFirst(), outcome("a", 9).setCost(9), outcome("b", 9).setCost(9)));
    assertEquals(
        "{\"cost_unit\":\"usd_per_call\",\"members\":[{\"member\":\"a\",\"quality\":0.75,\"usd\":2.0},"
            + "{\"member\":\"b\",\"quality\":0.25,\"usd\":1.0}],"
            + "\"oracle\":{\"queries\":2,\"quality\":0.75,\"usd\":1.5}}",
        told().toString());
    assertEquals(OptionalDouble.of(3), alone.costOfAll());
  }

  @Test
  void aCostThatWasNotRecordedLeavesOnlyTheQuality() {
    alone.take(row(held.get(0), outcome("a", 1).setCost(2), outcome("b", 0)));
    alone.take(row(held.get(1), outcome("a", 0).setCost(2), outcome("b", 1).setCost(1)));
    ObjectNode told = told();
    assertEquals(2, told.at("/members/0/usd").asDouble());
    assertFalse(told.at("/members/1").has("usd"));
    assertEquals(0.5, told.at("/members/1/quality").asDouble());
    assertEquals(1.5, told.at("/oracle/usd").asDouble());
    assertEquals(OptionalDouble.empty(), alone.costOfAll());
  }

  @Test
  void whereNobodyAnsweredWhatAllDidThereIsNothing() {
    alone.take(row(held.get(0), outcome("a", 1)));
    alone.take(row(held.get(1), outcome("b", 1)));
    assertEquals("{\"cost_unit\":\"usd_per_call\"}", told().toString());
  }
}
