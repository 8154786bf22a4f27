package dev.tutti.cascade.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.method.agent.DerFit;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.method.confidence.ModelCascading;
import dev.tutti.cascade.method.verification.AutoMixPomdpFit;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.FitQuality;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Parameters;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.learning.testing.LoneFit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class CascadeFitTest {

  /** Takes whoever is surer than the median; remembers what it saw. */
  private static final class Median implements FittedCascade<Median.Settings> {

    record Settings(@Setting(help = "Whether it fails.", min = 0) int fails) {}

    record Learned(Parameters parameters) implements LearnedCascade {}

    private RecordedOutcomes seen;
    private List<MemberCard> cards;

    @Override
    public String name() {
      return "median";
    }

    @Override
    public String paper() {
      return "";
    }

    @Override
    public Settings defaults() {
      return new Settings(0);
    }

    @Override
    public Members members() {
      return Members.atLeast(1);
    }

    @Override
    public boolean embeds() {
      return true;
    }

    @Override
    public LearnedCascade fit(RecordedOutcomes data, Settings settings, RandomGenerator random) {
      if (settings.fails() > 0) {
        throw new IllegalArgumentException("No.");
      }
      seen = data;
      var points =
          new TunedPoints(
              List.of(
                  new TunedPoints.Point(1, .5, new float[] {0, Float.NEGATIVE_INFINITY}),
                  new TunedPoints.Point(2, .75, new float[] {.5f, 1})),
              1);
      return new Learned(points.with(Parameters.of(data.members()).with("t", .5)));
    }

    @Override
    public LearnedCascade read(Parameters parameters) {
      return new Learned(parameters);
    }

    @Override
    public Parameters parameters(LearnedCascade learned) {
      return learned.parameters();
    }

    @Override
    public List<CascadeMethod> points(
        LearnedCascade learned, Settings settings, List<MemberCard> members) {
      cards = members;
      return List.of(rule(0), rule(learned.parameters().number("t")));
    }

    private static CascadeMethod rule(double threshold) {
      return new ModelCascading(
          new ModelCascading.Settings(Confidence.MAXPROB, List.of(threshold)));
    }
  }

  private static final Dataset DATA =
      Dataset.newBuilder()
          .addMembers(DatasetMember.newBuilder().setMember("weak"))
          .addMembers(DatasetMember.newBuilder().setMember("strong"))
          .build();

  private final Median method = new Median();

  private FitRequest request(int fails) {
    return FitRequest.of(
        Struct.newBuilder()
            .putFields("artifact", text("team/x"))
            .putFields("method", text("median"))
            .putFields("dataset", text("d"))
            .putFields(
                "settings",
                Value.newBuilder()
                    .setStructValue(
                        Struct.newBuilder()
                            .putFields("fails", Value.newBuilder().setNumberValue(fails).build()))
                    .build())
            .build(),
        List.of(method));
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  /** Of every three questions the weak one knows two, and is unsure of the third. */
  private static RecordedQuery row(int i) {
    boolean knows = i % 3 != 0;
    return RecordedQuery.newBuilder()
        .setQuery("question " + i)
        .setSet(i % 2 == 0 ? "even" : "odd")
        .addOutcomes(
            Outcome.newBuilder()
                .setMember("weak")
                .setResponse("w")
                .setScore(knows ? 1 : 0)
                .setCost(1)
                .putNumbers("sum_logprob", Math.log(knows ? .9 : .2)))
        .addOutcomes(
            Outcome.newBuilder()
                .setMember("strong")
                .setResponse("s")
                .setScore(1)
                .setCost(10)
                .setConfidence(-.5))
        .addOutcomes(Outcome.newBuilder().setMember("stranger").setScore(9))
        .build();
  }

  private CascadeFit<?> fit(int fails, int rows) {
    var fit = new CascadeFit<>(method, request(fails), DATA, Optional.empty());
    for (int i = 0; i < rows; i++) {
      assertEquals(List.of("question " + i), fit.texts(row(i)));
      fit.take(row(i), List.of(new float[] {i}));
    }
    return fit;
  }

  @Test
  void whatItLearnedIsReplayedOnWhatWasHeldOut() {
    Fitting.Result result = fit(0, 300).learn(new LoneFit());
    assertEquals(300, result.data().learned() + result.data().heldOut());
    assertEquals(result.data().learned(), method.seen.rows().size());
    double unsure = 0;
    int held = result.heldOut().queries().length;
    for (int i = 0; i < 300; i++) {
      boolean out = request(0).holdsOut(FitRequest.number("question " + i));
      unsure += out && i % 3 == 0 ? 1 : 0;
    }
    // All at 1, and 10 more for those that the weak one is unsure of.
    assertEquals(1 + 10 * unsure / held, result.metrics().get("cost").asDouble(), 1e-9);
    assertEquals(1, result.metrics().get("quality").asDouble());
    assertEquals("strong", result.metrics().get("best_member").asText());
    assertEquals(10, result.metrics().get("best_member_cost").asDouble());
    FitQuality kept = FitQuality.of(result.parameters()).orElseThrow();
    assertEquals("strong", kept.bestMember());
    assertEquals(1, kept.quality());
    assertEquals(1 + 10 * unsure / held, kept.costs().orElseThrow().mean(), 1e-5);
    assertEquals(10, kept.costs().orElseThrow().best());
    assertEquals(1, result.metrics().get("chosen_point").asInt());
    assertEquals(.75, result.metrics().at("/points/1/quality").asDouble());
    assertEquals(.5, result.metrics().at("/points/1/values/0").asDouble());
    assertTrue(result.metrics().at("/points/0/values/1").isNull(), "there is no infinity in JSON");
    assertEquals(2, result.comparison().curve().size());
    assertEquals(1, result.comparison().curve().getFirst().usd());
    assertEquals(1 - unsure / held, result.comparison().curve().getFirst().quality(), 1e-6);
    assertEquals(unsure / held, result.comparison().memberShares().get("strong"), 1e-9);
    assertEquals(
        held, result.comparison().sets().stream().mapToLong(Fitting.SetResult::queries).sum());
  }

  @Test
  void membersAreKnownByWhatTheirAnswersCost() {
    fit(0, 100).learn(new LoneFit());
    assertEquals(List.of(1.0, 10.0), method.cards.stream().map(MemberCard::expectedUsd).toList());
    assertEquals(List.of("weak", "strong"), method.cards.stream().map(MemberCard::name).toList());
  }

  @Test
  void aRecordedConfidenceStandsForTheAnswersLogProbability() {
    fit(0, 100).learn(new LoneFit());
    Recorded strong = method.seen.rows().getFirst().outcomes().get(1).orElseThrow();
    assertEquals(-.5, strong.signals().sumLogprob().orElseThrow());
    assertTrue(method.seen.rows().getFirst().embedding().isPresent());
  }

  /** A margin, a reward: above 0 for some answers, so it is no log-probability of any. */
  @Test
  void aConfidenceOfAnotherUnitIsNone() {
    var rows = new RecordedRows(request(0), new RecordedColumns(request(0), DATA), method);
    for (int i = 0; i < 60; i++) {
      RecordedQuery.Builder row = row(i).toBuilder();
      row.getOutcomesBuilder(1).setConfidence(i - 30);
      rows.add(row.build(), List.of());
    }
    for (RecordedOutcomes.Row row : rows.side(false).rows()) {
      assertTrue(row.outcomes().get(1).orElseThrow().signals().sumLogprob().isEmpty());
      assertTrue(row.outcomes().get(0).orElseThrow().signals().sumLogprob().isPresent());
    }
  }

  @Test
  void anAnswerWithoutACostCostsWhatTheOthersDoOnAverage() {
    var rows = new RecordedRows(request(0), new RecordedColumns(request(0), DATA), method);
    for (int i = 0; i < 60; i++) {
      RecordedQuery.Builder row = row(i).toBuilder();
      row.getOutcomesBuilder(1).setCost(i % 2 == 0 ? 10 : 20);
      if (i % 3 == 2) {
        row.getOutcomesBuilder(1).clearCost();
      }
      rows.add(row.build(), List.of());
    }
    double mean = 15;
    assertEquals(
        List.of(10.0, mean, 20.0),
        rows.side(false).rows().stream()
            .map(row -> row.outcomes().get(1).orElseThrow().usd())
            .distinct()
            .sorted()
            .toList());
  }

  @Test
  void whereNoCostIsRecordedThereIsNothingToTune() {
    var rows = new RecordedRows(request(0), new RecordedColumns(request(0), DATA), method);
    for (int i = 0; i < 60; i++) {
      RecordedQuery.Builder row = row(i).toBuilder();
      row.getOutcomesBuilder(1).clearCost();
      rows.add(row.build(), List.of());
    }
    var e = assertThrows(FailureException.class, () -> rows.side(false));
    assertTrue(e.getMessage().contains("No cost of 'strong'"), e.getMessage());
  }

  /** The question first, then the answers that have a text, in the order of the members. */
  @Test
  void embeddingsAreThoseOfTheirTexts() {
    var rows = new RecordedRows(request(0), new RecordedColumns(request(0), DATA), new DerFit());
    for (int i = 0; i < 60; i++) {
      RecordedQuery.Builder row = row(i).toBuilder().setReference("right " + i);
      row.getOutcomesBuilder(0).setResponse(i % 2 == 0 ? " " : "weak");
      row.getOutcomesBuilder(1).setResponse("strong");
      List<String> texts = rows.toEmbed(row.build());
      assertEquals(
          i % 2 == 0
              ? List.of(row.getQuery(), "strong")
              : List.of(row.getQuery(), "weak", "strong"),
          texts);
      rows.add(row.build(), texts.stream().map(text -> new float[] {text.length()}).toList());
    }
    for (RecordedOutcomes.Row row : rows.side(false).rows()) {
      assertEquals(row.query().text().length(), row.embedding().orElseThrow()[0]);
      Recorded weak = row.outcomes().get(0).orElseThrow();
      assertEquals(weak.text().isBlank() ? 0 : 4, weak.embedding().map(v -> v[0]).orElse(0f));
      assertEquals(6, row.outcomes().get(1).orElseThrow().embedding().orElseThrow()[0]);
      assertTrue(row.reference().orElseThrow().startsWith("right "));
    }
  }

  private RecordedRows checked(double share, double cost) {
    var rows = new RecordedRows(request(0), new RecordedColumns(request(0), DATA), method);
    for (int i = 0; i < 60; i++) {
      RecordedQuery.Builder row = row(i).toBuilder();
      row.getOutcomesBuilder(0).putNumbers("verified", share);
      if (!Double.isNaN(cost)) {
        row.getOutcomesBuilder(0).putNumbers("verified_cost", cost);
      }
      rows.add(row.build(), List.of());
    }
    return rows;
  }

  @Test
  void whatAMemberSaidOfItsAnswerIsRead() {
    Row row = checked(.75, .5).side(false).rows().getFirst();
    assertEquals(Optional.of(new Checks(.75, .5)), row.outcomes().get(0).orElseThrow().checks());
    assertEquals(Optional.empty(), row.outcomes().get(1).orElseThrow().checks());
    Row unpriced = checked(.75, Double.NaN).side(false).rows().getFirst();
    assertEquals(
        Optional.of(new Checks(.75, 1)), unpriced.outcomes().get(0).orElseThrow().checks());
    assertNotEquals(
        checked(.75, 1).side(false).fingerprint(), checked(.5, 1).side(false).fingerprint());
    var e = assertThrows(FailureException.class, () -> checked(1.5, 1));
    assertTrue(e.getMessage().contains("verified 1.5"), e.getMessage());
    assertThrows(FailureException.class, () -> checked(-.1, 1));
    assertThrows(FailureException.class, () -> checked(.5, -1));
  }

  /** Of three questions two hold wholly; the third, which does not at all, the strong one knows. */
  @Test
  void aRuleOverChecksIsFittedAndMeasured() {
    var automix = new AutoMixPomdpFit();
    FitRequest asked =
        FitRequest.of(
            Struct.newBuilder()
                .putFields("artifact", text("team/x"))
                .putFields("method", text("automix-pomdp"))
                .putFields("dataset", text("d"))
                .build(),
            List.of(automix));
    var fit = new CascadeFit<>(automix, asked, DATA, Optional.empty());
    for (int i = 0; i < 300; i++) {
      RecordedQuery.Builder row = row(i).toBuilder();
      row.getOutcomesBuilder(0).putNumbers("verified", i % 3 == 0 ? 0 : 1);
      fit.take(row.build(), List.of());
    }
    Fitting.Result result = fit.learn(new LoneFit());
    assertEquals(1, result.metrics().get("quality").asDouble());
    double held = result.heldOut().queries().length;
    double unsure = result.comparison().memberShares().get("strong");
    assertEquals(2 + 10 * unsure, result.metrics().get("cost").asDouble(), 1e-6);
    assertEquals(1 + unsure, result.metrics().get("answers").asDouble(), 1e-9);
    assertTrue(unsure > 0 && held > 0);
  }

  /** What an epoch returned is told, of a fit that keeps it. */
  @Test
  void returnsOfATrainedFitAreTold() {
    FitRequest asked =
        FitRequest.of(
            Struct.newBuilder()
                .putFields("artifact", text("team/x"))
                .putFields("method", text("der"))
                .putFields("dataset", text("d"))
                .build(),
            List.of(new DerFit()));
    var fit = new CascadeFit<>(new DerFit(), asked, DATA, Optional.empty());
    for (int i = 0; i < 60; i++) {
      RecordedQuery.Builder row = row(i).toBuilder();
      row.getOutcomesBuilder(0).setResponse("weak " + i % 2);
      row.getOutcomesBuilder(1).setResponse("strong");
      List<float[]> vectors =
          fit.texts(row.build()).stream()
              .map(text -> new float[] {text.length(), text.hashCode() % 2})
              .toList();
      fit.take(row.build(), vectors);
    }
    var returns = fit.learn(new LoneFit()).metrics().get("returns");
    assertEquals(1, returns.size());
    assertEquals(DerFit.Settings.DEFAULTS.epochs(), returns.get(0).size());
  }

  @Test
  void whatCannotBeLearnedFromIsRefused() {
    var none = fit(0, 0);
    assertThrows(FailureException.class, () -> none.learn(new LoneFit()));
    var fails = fit(1, 50);
    var e = assertThrows(FailureException.class, () -> fails.learn(new LoneFit()));
    assertTrue(e.getMessage().contains("No."), e.getMessage());
  }

  @Test
  void textsBeyondTheRoomAreRefused() {
    var rows = new RecordedRows(request(0), new RecordedColumns(request(0), DATA, 1 << 16), method);
    var e =
        assertThrows(
            FailureException.class,
            () -> {
              for (int i = 0; i < 100_000; i++) {
                rows.add(row(i), List.of(new float[8]));
              }
            });
    assertTrue(e.getMessage().contains("members"), e.getMessage());
  }

  @Test
  void fingerprintsTellDataApart() {
    String one = fit(0, 60).learn(new LoneFit()).data().fingerprint();
    assertEquals(one, fit(0, 60).learn(new LoneFit()).data().fingerprint());
    assertNotEquals(one, fit(0, 70).learn(new LoneFit()).data().fingerprint());
  }
}
