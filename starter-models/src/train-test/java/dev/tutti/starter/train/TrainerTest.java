package dev.tutti.starter.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.starter.AdditionTask;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Batch;
import dev.tutti.starter.train.network.Network;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

  @BeforeAll
  static void engine() {
    Train.configureEngine();
  }

  @Test
  void aResumedRunGivesTheSameBits(@TempDir Path folder) throws IOException {
    Weights whole = train(60, folder.resolve("whole"));
    train(25, folder.resolve("parts"));
    Weights resumed = train(60, folder.resolve("parts"));
    assertArrayEquals(whole.values(), resumed.values());
  }

  @Test
  void aCheckpointOfOtherSettingsIsRefused(@TempDir Path folder) throws IOException {
    train(1, folder);
    assertTrue(Files.exists(folder.resolve("last.checkpoint")));
    Recipe other = recipe(2, 2e-3);
    Trainer trainer = new Trainer(other, other.vocabulary(), folder);
    assertThrows(IOException.class, trainer::train);
  }

  @Test
  void aRunThatDivergesStops(@TempDir Path folder) {
    Recipe wild = recipe(300, 1e30);
    Trainer trainer = new Trainer(wild, wild.vocabulary(), folder);
    assertThrows(ArithmeticException.class, trainer::train);
  }

  @Test
  void theGradientIsTheSlopeOfTheLoss() {
    Recipe recipe = recipe(1, 1e-3);
    BpeVocabulary vocabulary = recipe.vocabulary();
    Architecture architecture = recipe.architecture(vocabulary);
    Network network = new Network(architecture);
    Batch batch = new Batches(recipe, vocabulary).batch(1);
    Weights weights = Weights.fresh(architecture, 1);
    Weights gradients = Weights.zeros(architecture);
    Weights unused = Weights.zeros(architecture);
    network.gradients(weights, batch, gradients);
    for (int w = 0; w < weights.values().length; w++) {
      float[] gradient = gradients.values()[w];
      double norm = 0;
      for (float g : gradient) {
        norm += (double) g * g;
      }
      norm = Math.sqrt(norm);
      double step = 0.01;
      float[] before = weights.values()[w].clone();
      float[] losses = new float[2];
      for (int side = 0; side < 2; side++) {
        for (int i = 0; i < before.length; i++) {
          double direction = side == 0 ? -1 : 1;
          weights.values()[w][i] = (float) (before[i] + direction * step * gradient[i] / norm);
        }
        losses[side] = network.gradients(weights, batch, unused);
      }
      weights.values()[w] = before;
      double slope = (losses[1] - losses[0]) / (2 * step);
      String name = weights.shapes().get(w).name();
      assertTrue(Math.abs(slope - norm) <= 0.03 * norm + 1e-3, name + " " + slope + " " + norm);
    }
  }

  @Test
  void anUpdateLearnsFromTheSameQuestionsEveryTime() {
    Recipe recipe = recipe(1, 1e-3);
    for (int step : new int[] {3, 4}) {
      Batch one = new Batches(recipe, recipe.vocabulary()).batch(step);
      Batch two = new Batches(recipe, recipe.vocabulary()).batch(step);
      assertArrayEquals(one.ids(), two.ids());
      assertTrue(one.length() <= Recipe.CONTEXT);
      assertTrue(Arrays.stream(one.targets()).anyMatch(t -> t == BpeVocabulary.EOS));
    }
  }

  private static Weights train(int steps, Path folder) throws IOException {
    Recipe recipe = recipe(steps, 1e-3);
    return new Trainer(recipe, recipe.vocabulary(), folder).train();
  }

  private static Recipe recipe(int steps, double learningRate) {
    return new Recipe(
        "test", new AdditionTask(), 0, 16, 2, 2, 24, 3, steps, 8, learningRate, false);
  }
}
