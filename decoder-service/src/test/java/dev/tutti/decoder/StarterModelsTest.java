package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.StepRewards;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The service's runtime runs every starter model, GroupQueryAttention included. */
class StarterModelsTest {

  private static final double TOLERANCE = 1e-3;

  static List<String> names() {
    return ModelFiles.starterNames();
  }

  @ParameterizedTest
  @MethodSource("names")
  void theCacheGivesWhatOnePassGivesAlsoAfterARewindAndInAFork(String name) {
    try (LanguageModel model = ModelFiles.load(name)) {
      int[] tokens = model.rawPrompt("sort 42 7 19: 7 19 42; 12+7=19; #### 19");
      double[] onePass;
      try (DecodeSession session = model.open()) {
        session.append(tokens[0]);
        onePass = session.score(Arrays.copyOfRange(tokens, 1, tokens.length));
      }
      try (DecodeSession session = model.open()) {
        List<Double> stepwise = new ArrayList<>();
        for (int i = 1; i < tokens.length; i++) {
          session.append(tokens[i - 1]);
          stepwise.add(session.next().logProbability(tokens[i]));
        }
        assertClose(onePass, stepwise);

        int kept = tokens.length / 2;
        session.rewind(kept);
        try (DecodeSession fork = session.fork()) {
          for (DecodeSession branch : List.of(session, fork)) {
            double[] again = branch.score(Arrays.copyOfRange(tokens, kept, tokens.length));
            assertArrayEquals(
                Arrays.copyOfRange(onePass, kept - 1, onePass.length), again, TOLERANCE);
          }
        }
      }
    }
  }

  @Test
  void theCalculatorsLikelihoodTellsRightStepsFromWrongOnes() {
    try (LanguageModel calculator = ModelFiles.load("calculator")) {
      StepRewards.Quality quality = StepRewards.quality(calculator);
      assertTrue(quality.wrongSteps() >= 50, quality.toString());
      assertTrue(quality.balancedAccuracy() >= 0.95, quality.toString());
    }
  }

  @Test
  void theStepJudgeTellsRightStepsFromWrongOnes() {
    try (LanguageModel judge = ModelFiles.load("step-judge")) {
      StepRewards.Quality quality = StepRewards.judged(judge);
      assertTrue(quality.wrongSteps() >= 50, quality.toString());
      assertTrue(quality.balancedAccuracy() >= 0.9, quality.toString());
    }
  }

  private static void assertClose(double[] expected, List<Double> actual) {
    assertArrayEquals(
        expected, actual.stream().mapToDouble(Double::doubleValue).toArray(), TOLERANCE);
  }
}
