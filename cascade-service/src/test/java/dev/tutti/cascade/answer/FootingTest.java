package dev.tutti.cascade.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit;
import dev.tutti.cascade.method.calibrated.CalibratedMembers;
import dev.tutti.cascade.method.calibrated.CalibratedMembers.Curve;
import dev.tutti.cascade.method.calibrated.Scale;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.generation.v1.Decision;
import dev.tutti.learning.Artifact;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.FitQuality;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.learning.Parameters;
import dev.tutti.method.v1.Recipe;
import dev.tutti.numerics.calibration.Logistic;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FootingTest {

  private static final Parameters LEARNED =
      new CalibratedMembers(
              List.of("weak", "strong"),
              Confidence.MAXPROB,
              Scale.ONE_SIDED,
              List.of(
                  new Curve(0, 1, new Logistic(0, 1, 1)), new Curve(0, 1, new Logistic(0, 1, 1))),
              new TunedPoints(
                  List.of(new TunedPoints.Point(1, .5, new float[] {.5f, -1, -1, -1})), 0))
          .parameters();

  private static final FitQuality QUALITY =
      new FitQuality(
          .75, "strong", .5, .875, Optional.empty(), Optional.of(new FitQuality.Costs(2, 8)));

  private static final ArtifactSource<LearnedCascade> KEPT =
      name ->
          name.equals("team/x")
              ? Optional.of(
                  LiveArtifact.of(
                      new Artifact(
                          CalibratedCascadingFit.NAME,
                          3,
                          QUALITY.with(LEARNED),
                          new Artifact.Provenance("", 1, "{}", 0)),
                      CascadeCatalog.FITTED))
              : Optional.empty();

  private static Recipe recipe(String method, String artifact, double budget) {
    Struct.Builder settings = Struct.newBuilder();
    if (!artifact.isEmpty()) {
      settings.putFields("artifact", Value.newBuilder().setStringValue(artifact).build());
    }
    if (budget > 0) {
      settings.putFields("budget", Value.newBuilder().setNumberValue(budget).build());
    }
    return Recipe.newBuilder().setMethod(method).setSettings(settings).build();
  }

  private static Decision told(double budget) {
    Decision.Builder decision = Decision.newBuilder();
    Footing.of(recipe(CalibratedCascadingFit.NAME, "team/x", budget), KEPT)
        .orElseThrow()
        .tell(decision);
    return decision.build();
  }

  @Test
  void aDecisionTellsWhatItsMethodStandsOn() {
    Decision decision = told(0);
    assertEquals("team/x", decision.getArtifact());
    assertEquals(3, decision.getArtifactVersion());
    Struct held = decision.getInputs().getFieldsOrThrow("held_out").getStructValue();
    assertEquals(.75, held.getFieldsOrThrow("quality").getNumberValue());
    assertEquals(2, held.getFieldsOrThrow("cost").getNumberValue());
    assertEquals("strong", held.getFieldsOrThrow("best_member").getStringValue());
    assertEquals(8, held.getFieldsOrThrow("best_member_cost").getNumberValue());
  }

  /** Of another point than the fit's own nobody has said what it was worth. */
  @Test
  void nothingIsToldOfWhatWasNotMeasured() {
    Decision decision = told(5);
    assertEquals(3, decision.getArtifactVersion());
    assertFalse(decision.getInputs().containsFields("held_out"));
  }

  @Test
  void whatStandsOnNothingTellsNothing() {
    assertEquals(Optional.empty(), Footing.of(recipe("model-cascading", "", 0), KEPT));
    assertEquals(
        Optional.empty(), Footing.of(recipe(CalibratedCascadingFit.NAME, "gone", 0), KEPT));
  }

  @Test
  void membersAreThoseThatWereLearnedAbout() {
    assertEquals(
        List.of("weak", "strong"),
        Footing.of(recipe(CalibratedCascadingFit.NAME, "team/x", 0), KEPT).orElseThrow().members());
  }
}
