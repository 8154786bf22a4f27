package dev.tutti.router.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.learning.testing.LoneFit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.FittedMethods;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerDistancesTest {

  private static final float NAN = Float.NaN;

  private static RecordedQuery query(String text, String... said) {
    RecordedQuery.Builder query = RecordedQuery.newBuilder().setId(text).setQuery(text);
    for (String its : said) {
      String[] parts = its.split(":", 2);
      Outcome.Builder outcome = query.addOutcomesBuilder().setMember(parts[0]);
      if (parts.length > 1) {
        outcome.setResponse(parts[1]);
      }
    }
    return query.build();
  }

  /**
   * Members' order, not that of the outcomes; a stranger is left out, and who is silent has none.
   */
  @Test
  void distancesAreThoseOfTheMembersWhoSaidSomething() {
    var answers = new AnswerDistances(columns());
    RecordedQuery query = query("?", "c:x", "z:stranger", "a:y", "b: ");
    assertEquals(List.of("y", "x"), answers.texts(query));
    float[] distances = answers.of(query, List.of(new float[] {1, 0}, new float[] {0, 3}));
    assertArrayEquals(new float[] {NAN, 10, NAN}, distances);
    float[] whole =
        answers.of(
            query("?", "b:1", "c:3", "a:7"),
            List.of(new float[] {7}, new float[] {1}, new float[] {3}));
    assertArrayEquals(new float[] {36, 16, 4}, whole);
    assertArrayEquals(
        new float[] {4, 16, 36},
        answers.matrix(List.of(whole), List.of("c", "b", "a")).row(0),
        "c with b, c with a, b with a");
    assertArrayEquals(new float[] {16}, answers.matrix(List.of(whole), List.of("c", "a")).row(0));
    assertArrayEquals(new float[] {NAN, NAN, NAN}, answers.of(query("?", "a", "b:"), List.of()));
  }

  @Test
  void whatMemoryHasNoRoomForIsRefused() {
    // Three copies of three floats.
    var answers = new AnswerDistances(columns(), 72);
    answers.of(query("1"), List.of());
    answers.of(query("2"), List.of());
    var e = assertThrows(FailureException.class, () -> answers.of(query("3"), List.of()));
    assertTrue(e.getMessage().contains("name fewer members"), e.getMessage());
  }

  private static RecordedColumns columns() {
    return new RecordedColumns(request("a", "b", "c"), Dataset.getDefaultInstance());
  }

  private static FitRequest request(String... members) {
    Struct.Builder request =
        Struct.newBuilder()
            .putFields("artifact", text("x"))
            .putFields("method", text("smoothie-train"))
            .putFields("dataset", text("d"));
    ListValue.Builder names = ListValue.newBuilder();
    for (String member : members) {
      names.addValues(text(member));
    }
    request.putFields("members", Value.newBuilder().setListValue(names).build());
    return FitRequest.of(request.build(), FittedMethods.ALL);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  /** An answer is an axis and how far out it lies: the error of its member, as axes differ. */
  private static float[] embedding(String text) {
    var embedding = new float[4];
    if (text.startsWith("question")) {
      embedding[0] = 1;
    } else {
      embedding[text.charAt(0) - '0'] = Float.parseFloat(text.substring(2));
    }
    return embedding;
  }

  /** c lies nearest to the truth; b is far off, and scored the best. */
  private static Fitting.Result fitted(String... members) {
    Dataset.Builder data = Dataset.newBuilder();
    for (String member : List.of("a", "b", "c", "d")) {
      data.addMembers(DatasetMember.newBuilder().setMember(member));
    }
    Fitting.Fit fit = new RouterFitting().begin(request(members), data.build());
    for (int i = 0; i < 60; i++) {
      RecordedQuery.Builder row =
          query("question " + i, "b:1 4", "c:2 .5", "a:0 1", "d:3 2").toBuilder();
      row.getOutcomesBuilder(0).setScore(1);
      List<String> texts = fit.texts(row.build());
      assertEquals("question " + i, texts.getFirst());
      fit.take(row.build(), texts.stream().map(AnswerDistancesTest::embedding).toList());
    }
    return fit.learn(new LoneFit());
  }

  @Test
  void aFitLearnsFromAnswersAndIsMeasuredByScores() {
    Fitting.Result all = fitted();
    assertEquals(List.of("a", "b", "c", "d"), all.parameters().members());
    // (a, b) 1 + 16, (a, c) 1 + 1/4, (a, d) 1 + 4, (b, c), (b, d), (c, d).
    assertArrayEquals(
        new float[] {17, 1.25f, 5, 16.25f, 20, 4.25f},
        all.parameters().matrix("distances").row(0),
        1e-5f);
    assertEquals(1, all.comparison().memberShares().get("c"), 1e-9);
    assertEquals(0, all.metrics().get("quality").asDouble());
    assertEquals("b", all.metrics().get("best_member").asText());
    Fitting.Result three = fitted("d", "b", "a");
    assertEquals(List.of("d", "b", "a"), three.parameters().members());
    assertArrayEquals(
        new float[] {20, 5, 17}, three.parameters().matrix("distances").row(0), 1e-5f);
    assertEquals(1, three.comparison().memberShares().get("a"), 1e-9);
  }

  @Test
  void otherMethodsEmbedTheQueryAlone() {
    var queries = new RecordedQueries(request(), false, false, Dataset.getDefaultInstance());
    assertEquals(List.of("?"), queries.texts(query("?", "a:1")));
    assertEquals(
        List.of("smoothie-train"),
        FittedMethods.ALL.stream().filter(m -> m.answers()).map(m -> m.name()).toList());
  }
}
