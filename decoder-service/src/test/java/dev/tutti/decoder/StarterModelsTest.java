package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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

  @ParameterizedTest
  @MethodSource("names")
  void proposedTokensTellWhatOneAfterTheOtherDoes(String name) {
    try (LanguageModel model = ModelFiles.load(name);
        DecodeSession session = model.open();
        DecodeSession stepwise = model.open()) {
      int[] tokens = model.rawPrompt("sort 42 7 19: 7 19 42; 12+7=19; #### 19");
      session.append(Arrays.copyOf(tokens, 5));
      stepwise.append(Arrays.copyOf(tokens, 5));
      List<Distribution> places = session.next(Arrays.copyOfRange(tokens, 5, 12));
      for (int i = 0; i < places.size(); i++) {
        assertArrayEquals(
            stepwise.next().probabilities(), places.get(i).probabilities(), TOLERANCE);
        stepwise.append(tokens[5 + i]);
      }
      session.rewind(8);
      stepwise.rewind(8);
      assertArrayEquals(stepwise.next().probabilities(), session.next().probabilities(), TOLERANCE);
    }
  }

  /** Logits are the products, so differences of log-probabilities are differences of products. */
  @ParameterizedTest
  @MethodSource("names")
  void theHiddenStateTimesTheOutputEmbeddingsIsTheLogits(String name) {
    try (LanguageModel model = ModelFiles.load(name);
        DecodeSession session = model.open();
        DecodeSession unasked = model.open()) {
      float[][] embeddings = model.outputEmbeddings().orElseThrow();
      assertEquals(model.tokenizer().size(), embeddings.length);
      int[] tokens = model.rawPrompt("12+7=19; sort 42 7");
      for (int t = 0; t < tokens.length; t++) {
        session.append(tokens[t]);
        unasked.append(tokens[t]);
        // Asked for behind a step, before one, and every other time not at all.
        if (t % 4 == 1) {
          session.next();
        }
        if (t % 2 == 1) {
          float[] hidden = session.hidden().orElseThrow();
          assertEquals(embeddings[0].length, hidden.length);
          double first = product(hidden, embeddings[0]);
          for (int v = 1; v < embeddings.length; v++) {
            assertEquals(
                session.next().logProbability(v) - session.next().logProbability(0),
                product(hidden, embeddings[v]) - first,
                TOLERANCE);
          }
        }
        assertArrayEquals(unasked.next().probabilities(), session.next().probabilities(), 0);
      }
      float[] last = session.hidden().orElseThrow();
      session.rewind(tokens.length - 1);
      session.append(tokens[0]);
      assertTrue(differs(last, session.hidden().orElseThrow()));
      session.rewind(tokens.length - 1);
      session.append(tokens[tokens.length - 1]);
      try (DecodeSession fork = session.fork()) {
        assertArrayEquals(last, fork.hidden().orElseThrow(), 1e-3f);
      }
      assertArrayEquals(last, session.hidden().orElseThrow(), 1e-3f);
    }
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static boolean differs(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most > 0.1;
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
      assertTrue(quality.balancedAccuracy() >= 0.85, quality.toString());
    }
  }

  private static void assertClose(double[] expected, List<Double> actual) {
    assertArrayEquals(
        expected, actual.stream().mapToDouble(Double::doubleValue).toArray(), TOLERANCE);
  }
}
