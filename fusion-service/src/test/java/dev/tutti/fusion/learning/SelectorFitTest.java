package dev.tutti.fusion.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Parameters;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.learning.testing.LoneFit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SelectorFitTest {

  record Settings(@Setting(help = "Whether it looks at embeddings.") boolean embedded) {}

  record Asked(@Setting(help = "Name of the artifact.") String artifact)
      implements Fitted.Settings {}

  record Learned(Parameters parameters) implements LearnedFusion {}

  private RecordedAnswers seen;

  /** Believes whoever was right most often; says nothing where that one did not answer. */
  private final FittedSelector<Learned, Settings, Asked> method =
      new FittedSelector<>(
          "favourite",
          "",
          "",
          Members.atLeast(1),
          Set.of(Evidence.Kind.EMBEDDINGS, Evidence.Kind.LOGPROBS),
          new Settings(false),
          (data, _, _) -> learn(data),
          Learned::new,
          Selector.class,
          new Asked(""),
          (_, learned, _) -> selector(learned.members().getFirst()),
          (learned, _) -> selector(learned.members().getFirst()));

  private Learned learn(RecordedAnswers data) {
    seen = data;
    String best =
        data.members().stream()
            .max((a, b) -> Double.compare(data.mean(a), data.mean(b)))
            .orElseThrow();
    return new Learned(Parameters.of(List.of(best)));
  }

  private static Selector selector(String favourite) {
    return (query, candidates) -> {
      int chosen = -1;
      for (int i = 0; i < candidates.size(); i++) {
        chosen = candidates.answers().get(i).knownAs().equals(favourite) ? i : chosen;
      }
      return new Weighing(
          Collections.nCopies(candidates.size(), 1.0 / candidates.size()),
          Collections.nCopies(candidates.size(), Optional.empty()),
          chosen < 0 ? OptionalInt.empty() : OptionalInt.of(chosen),
          "");
    };
  }

  private static final Dataset DATA =
      Dataset.newBuilder()
          .addMembers(DatasetMember.newBuilder().setMember("a"))
          .addMembers(DatasetMember.newBuilder().setMember("b"))
          .build();

  private FitRequest request() {
    return FitRequest.of(
        Struct.newBuilder()
            .putFields("artifact", text("team/x"))
            .putFields("method", text("favourite"))
            .putFields("dataset", text("d"))
            .build(),
        List.of(method));
  }

  private RecordedTexts texts(Set<Evidence.Kind> evidence) {
    return new RecordedTexts(request(), evidence, new RecordedColumns(request(), DATA), _ -> 0);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Outcome outcome(String member, double score, String response) {
    return Outcome.newBuilder()
        .setMember(member)
        .setScore(score)
        .setResponse(response)
        .putNumbers("mean_logprob", score - 2)
        .build();
  }

  private static RecordedQuery row(int i) {
    // a is right always, but answers only two of three; b one time in two.
    RecordedQuery.Builder row =
        RecordedQuery.newBuilder()
            .setId("q" + i)
            .setQuery("question " + i)
            .setSet(i % 2 == 0 ? "even" : "odd")
            .putLabels("category", "law");
    // Two samples of b say what a stranger was right with.
    row.addOutcomes(
        outcome("b", i % 2, i % 2 == 1 ? "right" : "wrong").toBuilder()
            .addAllSamples(List.of("right", "Right.", "wrong")));
    if (i % 3 > 0) {
      row.addOutcomes(outcome("a", 1, "right"));
    }
    row.addOutcomes(outcome("stranger", 1, "right"));
    return row.build();
  }

  private static void feed(Fitting.Fit fit, RecordedQuery row) {
    var vectors = new ArrayList<float[]>();
    for (String text : fit.texts(row)) {
      vectors.add(new float[] {text.length()});
    }
    fit.take(row, vectors);
  }

  @Test
  void itLearnsFromWhatIsNotHeldOutAndIsMeasuredOnTheRest() {
    FitRequest request = request();
    var fit = new SelectorFit<>(method, request, DATA);
    int held = 0;
    int answered = 0;
    int right = 0;
    for (int i = 0; i < 300; i++) {
      feed(fit, row(i));
      if (request.holdsOut(FitRequest.number("question " + i))) {
        held++;
        answered += i % 3 > 0 ? 1 : 0;
        right += i % 3 > 0 ? 1 : 0;
      }
    }
    Fitting.Result result = fit.learn(new LoneFit());
    assertEquals(300 - held, seen.rows().size());
    assertEquals(held, result.heldOut().quality().length);
    assertEquals((double) right / held, result.metrics().get("quality").asDouble(), 1e-9);
    assertEquals((double) answered / held, result.metrics().get("coverage").asDouble(), 1e-9);
    assertEquals("a", result.metrics().get("best_member").asText());
    assertEquals(1, result.metrics().get("best_member_quality").asDouble());
    assertEquals("b", result.metrics().at("/self_fusion/member").asText());
    assertEquals(2, result.metrics().at("/self_fusion/calls").asInt());
    assertEquals(held, result.metrics().at("/self_fusion/queries").asInt());
    assertEquals(1, result.metrics().at("/self_fusion/quality").asDouble());
    assertEquals(
        (double) right / held,
        result.metrics().at("/self_fusion/ensemble_quality").asDouble(),
        1e-9);
    assertEquals(1, result.comparison().memberShares().get("a"), 1e-9);
    assertEquals(2, result.comparison().sets().size());
  }

  @Test
  void aRowIsAsTheMethodSeesARequest() {
    var texts = texts(method.evidence());
    for (int i = 0; i < 40; i++) {
      RecordedQuery row = row(i);
      assertEquals(i % 3 > 0 ? 3 : 2, texts.toEmbed(row).size());
      texts.add(
          row,
          i % 3 > 0
              ? List.of(new float[] {1}, new float[] {2}, new float[] {3})
              : List.of(new float[] {1}, new float[] {3}));
    }
    RecordedAnswers rows = texts.side(false);
    for (Row row : rows.rows()) {
      int i = Integer.parseInt(row.query().text().substring("question ".length()));
      boolean both = i % 3 > 0;
      // In the order of the members, whatever the dataset's.
      assertEquals(both ? 0 : -1, row.place("a"));
      assertEquals(both ? 1 : 0, row.place("b"));
      assertEquals(-1, row.place("stranger"));
      assertEquals(i % 2, row.scores()[row.place("b")]);
      assertEquals("law", row.labels().get("category"));
      Evidence evidence = row.candidates().evidence();
      assertEquals(1, evidence.query().orElseThrow()[0]);
      assertEquals(3, evidence.embeddings().get(row.place("b")).orElseThrow()[0]);
      assertEquals(i % 2 - 2, evidence.signals().get(row.place("b")).meanLogprob().orElseThrow());
    }
  }

  @Test
  void whoAnsweredBestIsRightUnlessAllDidAlike() {
    var texts = texts(Set.of());
    for (int i = 0; i < 40; i++) {
      texts.add(row(i), List.of());
    }
    for (Row row : texts.side(false).rows()) {
      boolean[] right = row.right();
      boolean differ = row.place("a") >= 0 && row.scores()[row.place("b")] == 0;
      assertEquals(differ, right[0]);
      assertFalse(right[row.place("b")]);
    }
  }

  @Test
  void textsBeyondTheRoomAreRefused() {
    var texts =
        new RecordedTexts(
            request(), Set.of(), new RecordedColumns(request(), DATA, 1 << 20), _ -> 0);
    var e =
        assertThrows(
            FailureException.class,
            () -> {
              for (int i = 0; i < 100_000; i++) {
                texts.add(row(i), List.of());
              }
            });
    assertTrue(e.getMessage().contains("1 MiB"), e.getMessage());
  }

  /** Of those that are learned from alone: a MiB each, and two are there for all. */
  @Test
  void whatLearningTakesCountsBesideTheTexts() {
    FitRequest request = request();
    var texts =
        new RecordedTexts(
            request,
            Set.of(),
            new RecordedColumns(request, DATA, 1 << 20),
            answers -> answers << 20);
    int learned = 0;
    for (int i = 0; learned < 3; i++) {
      RecordedQuery row =
          RecordedQuery.newBuilder()
              .setQuery("question " + i)
              .addOutcomes(outcome("a", 1, "right"))
              .build();
      learned += request.holdsOut(FitRequest.number("question " + i)) ? 0 : 1;
      if (learned < 2) {
        texts.add(row, List.of());
      } else {
        var e = assertThrows(FailureException.class, () -> texts.add(row, List.of()));
        assertTrue(
            e.getMessage().contains("texts and features need more than the 2 MiB"), e.getMessage());
        learned = 3;
      }
    }
  }

  @Test
  void whereNothingIsRecordedThereIsNothingToLearn() {
    var texts = texts(Set.of());
    texts.add(RecordedQuery.newBuilder().setQuery("q").build(), List.of());
    var e = assertThrows(FailureException.class, () -> texts.side(false));
    assertTrue(e.getMessage().contains("no recorded answers"), e.getMessage());
  }

  @Test
  void fingerprintsTellDataApart() {
    var one = texts(Set.of());
    var other = texts(Set.of());
    for (int i = 0; i < 20; i++) {
      one.add(row(i), List.of());
      other.add(row(i), List.of());
    }
    assertEquals(one.side(false).fingerprint(), other.side(false).fingerprint());
    other.add(row(21), List.of());
    other.add(row(22), List.of());
    other.add(row(23), List.of());
    assertFalse(one.side(false).fingerprint().equals(other.side(false).fingerprint()));
  }
}
