package dev.tutti.starter.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.starter.AdditionTask;
import dev.tutti.starter.ChainTask;
import dev.tutti.starter.JudgedSteps;
import dev.tutti.starter.SortingTask;
import dev.tutti.starter.train.Mixture.Part;
import dev.tutti.starter.train.Recipe.Objective;
import dev.tutti.starter.train.Recipe.Schedule;
import dev.tutti.starter.train.Recipe.Shape;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Batch;
import dev.tutti.starter.train.network.Network;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.DecoderExporter.Attention;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
    Trainer trainer = trainer(other, folder);
    assertThrows(IOException.class, trainer::train);
  }

  @Test
  void aRunThatDivergesStops(@TempDir Path folder) {
    Recipe wild = recipe(300, 1e30);
    Trainer trainer = trainer(wild, folder);
    assertThrows(ArithmeticException.class, trainer::train);
  }

  @Test
  void theGradientIsTheSlopeOfTheLoss() {
    Recipe recipe = recipe(1, 1e-3);
    BpeVocabulary vocabulary = recipe.vocabulary();
    Architecture architecture = recipe.architecture(vocabulary);
    Network network = new Network(architecture);
    Batch batch = new Batches(recipe, vocabulary).passes(1).getFirst();
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
    for (int step : new int[] {3, 4}) {
      for (Recipe recipe : List.of(recipe(1, 1e-3), mixed(4))) {
        List<Batch> one = new Batches(recipe, recipe.vocabulary()).passes(step);
        List<Batch> two = new Batches(recipe, recipe.vocabulary()).passes(step);
        assertEquals(one.size(), two.size());
        for (int i = 0; i < one.size(); i++) {
          assertArrayEquals(one.get(i).ids(), two.get(i).ids());
          assertTrue(one.get(i).length() <= recipe.shape().context());
          assertTrue(Arrays.stream(one.get(i).targets()).anyMatch(t -> t == BpeVocabulary.EOS));
        }
      }
    }
  }

  @Test
  void anUpdateInPartsIsTheSameUpdate(@TempDir Path folder) throws IOException {
    Recipe whole = mixed(16);
    Recipe parts = mixed(4);
    assertEquals(1, new Batches(whole, whole.vocabulary()).passes(1).size());
    assertEquals(4, new Batches(parts, parts.vocabulary()).passes(1).size());
    Weights one = trainer(whole, folder.resolve("whole")).train();
    Weights other = trainer(parts, folder.resolve("parts")).train();
    for (int w = 0; w < one.values().length; w++) {
      assertArrayEquals(one.values()[w], other.values()[w], 1e-3f);
    }
  }

  @Test
  void aChildStartsFromItsParent(@TempDir Path folder) throws IOException {
    Recipe recipe = recipe(1, 0);
    Weights parent = Weights.fresh(recipe.architecture(recipe.vocabulary()), 77);
    Weights child = new Trainer(recipe, recipe.vocabulary(), folder, parent).train();
    assertArrayEquals(parent.values(), child.values());
  }

  @Test
  void freshBlocksAboveAParentChangeNothingAtFirst() {
    Architecture shallow = new Architecture(50, 16, 2, 2, 24, 32);
    Architecture deep = new Architecture(50, 16, 4, 2, 24, 32);
    Weights parent = Weights.fresh(shallow, 5);
    Weights child = Weights.above(deep, parent, 6);
    long[] ids = {3, 1, 4, 1, 5, 9, 2, 6};
    float[][] expected = new Network(shallow).logits(parent, ids, 1);
    float[][] actual = new Network(deep).logits(child, ids, 1);
    for (int i = 0; i < ids.length; i++) {
      assertArrayEquals(expected[i], actual[i], 1e-5f);
    }
  }

  @Test
  void aNarrowerChildKeepsTheChannelsThatMatter() {
    Architecture wide = new Architecture(50, 16, 2, 2, 24, 32);
    Architecture narrow = new Architecture(50, 16, 3, 2, 20, 32);
    Weights parent = Weights.fresh(wide, 5);
    for (int w = 0; w < parent.values().length; w++) {
      if (parent.shapes().get(w).name().endsWith("down_proj")) {
        // What channels 3, 4, 10 and 23 bring is nothing.
        for (int channel : new int[] {3, 4, 10, 23}) {
          Arrays.fill(parent.values()[w], channel * 16, (channel + 1) * 16, 0f);
        }
      }
    }
    Weights child = Weights.above(narrow, parent, 6);
    long[] ids = {3, 1, 4, 1, 5, 9, 2, 6};
    float[][] expected = new Network(wide).logits(parent, ids, 1);
    float[][] actual = new Network(narrow).logits(child, ids, 1);
    for (int i = 0; i < ids.length; i++) {
      assertArrayEquals(expected[i], actual[i], 1e-5f);
    }
  }

  @Test
  void aStepJudgeFirstLearnsTheRightCharacters() {
    Recipe recipe = judge();
    BpeVocabulary vocabulary = recipe.vocabulary();
    Batch batch = new Batches(recipe, vocabulary).passes(Recipe.RESTORING_STEPS).getFirst();
    assertEquals(0, batch.candidates().length);
    int[] restored = new int[2];
    for (int i = 0; i < batch.positions().length; i++) {
      int at = Math.toIntExact(batch.positions()[i]);
      boolean last = i + 1 == batch.positions().length || batch.positions()[i + 1] != at + 1;
      int kind = at / batch.length() % 2;
      if (batch.ids()[at] != batch.targets()[i]) {
        assertTrue(kind == 0 || last, "what follows a slip is not learned");
        restored[kind]++;
      }
    }
    assertTrue(restored[0] > batch.rows(), "a noisy row has several characters to restore");
    assertTrue(restored[1] > 0 && restored[1] < batch.rows() / 2);
  }

  @Test
  void aStepJudgeGoesOnLearningTheRightCharactersInAFewQuestions() {
    Recipe recipe = judge();
    List<Batch> passes =
        new Batches(recipe, recipe.vocabulary()).passes(Recipe.RESTORING_STEPS + 1);
    int restoring = recipe.schedule().rows() / Recipe.RESTORING_EVERY;
    assertEquals(restoring, passes.getFirst().rows());
    assertEquals(0, passes.getFirst().candidates().length);
    assertEquals(recipe.schedule().rows(), passes.stream().mapToInt(Batch::rows).sum());
  }

  @Test
  void onlyCandidatesCompete() {
    Recipe recipe = recipe(1, 1e-3);
    Architecture architecture = recipe.architecture(recipe.vocabulary());
    Network network = new Network(architecture);
    Weights weights = Weights.fresh(architecture, 1);
    long[] ids = {1, 60, 70};
    int[] candidates = {46, 48};
    Batch batch = new Batch(ids, 1, new long[] {2}, new long[] {48}, candidates);
    float[] logits = network.logits(weights, ids, 1)[2];
    double expected = Math.log1p(Math.exp(logits[46] - logits[48]));
    float loss = network.gradients(weights, batch, Weights.zeros(architecture));
    assertEquals(expected, loss, 1e-5);
  }

  @Test
  void aParentsBlocksLearnAtTheirOwnRate(@TempDir Path folder) throws IOException {
    Recipe recipe =
        new Recipe(
            "child",
            Mixture.of(new AdditionTask()),
            Objective.ANSWERS,
            "adder-weak-1",
            0,
            new Shape(0, 0, 16, 4, 2, 24, 64, Attention.BASIC),
            schedule(1, 1e-3, 8));
    Weights first = Weights.fresh(recipe.architecture(recipe.vocabulary()), 7);
    Weights trained = new Trainer(recipe, recipe.vocabulary(), folder, first).train();
    for (int w = 0; w < first.values().length; w++) {
      String name = first.shapes().get(w).name();
      boolean parents = name.matches("model\\.(embed_tokens|layers\\.[012]\\..*)");
      assertEquals(parents, Arrays.equals(first.values()[w], trained.values()[w]), name);
    }
  }

  @Test
  void aStepJudgeLearnsALabelForEveryCharacterOfTheSteps() {
    Recipe recipe = judge();
    BpeVocabulary vocabulary = recipe.vocabulary();
    int right = vocabulary.encode(JudgedSteps.RIGHT)[0];
    int wrong = vocabulary.encode(JudgedSteps.WRONG)[0];
    Batch batch = new Batches(recipe, vocabulary).passes(Recipe.RESTORING_STEPS + 1).getLast();
    assertArrayEquals(new int[] {right, wrong}, batch.candidates());
    boolean[] seen = new boolean[2];
    for (int r = 0; r < batch.rows(); r++) {
      boolean spoiled = false;
      int labels = 0;
      for (int i = 0; i < batch.positions().length; i++) {
        if (batch.positions()[i] / batch.length() == r) {
          long target = batch.targets()[i];
          assertTrue(target == wrong || target == right && !spoiled);
          spoiled = target == wrong;
          seen[spoiled ? 1 : 0] = true;
          labels++;
        }
      }
      int start = r * batch.length();
      int[] row =
          Arrays.stream(batch.ids(), start, start + batch.length())
              .mapToInt(Math::toIntExact)
              .toArray();
      String text = vocabulary.decode(row);
      assertEquals(text.length() - text.indexOf('=') - 1, labels, text);
      assertTrue(text.endsWith(";."), text);
    }
    assertTrue(seen[0] && seen[1]);
  }

  private static Weights train(int steps, Path folder) throws IOException {
    return trainer(recipe(steps, 1e-3), folder).train();
  }

  private static Trainer trainer(Recipe recipe, Path folder) {
    BpeVocabulary vocabulary = recipe.vocabulary();
    Weights first = Weights.fresh(recipe.architecture(vocabulary), recipe.schedule().seed());
    return new Trainer(recipe, vocabulary, folder, first);
  }

  private static Recipe recipe(int steps, double learningRate) {
    return new Recipe(
        "test",
        Mixture.of(new AdditionTask()),
        Objective.ANSWERS,
        null,
        1,
        shape(64),
        schedule(steps, learningRate, 8));
  }

  private static Recipe judge() {
    Mixture mixture = mixed(16).mixture();
    return new Recipe("judge", mixture, Objective.STEPS, null, 1, shape(96), schedule(1, 1e-3, 16));
  }

  private static Recipe mixed(int rowsAPass) {
    Mixture mixture = Mixture.of(new Part(new SortingTask(), 0.5), new Part(new ChainTask(), 0.5));
    Schedule schedule = new Schedule(3, 3, 16, rowsAPass, 1e-3, 0);
    return new Recipe("mixed", mixture, Objective.ANSWERS, null, 1, shape(96), schedule);
  }

  private static Shape shape(int context) {
    return new Shape(0, 0, 16, 2, 2, 24, context, Attention.BASIC);
  }

  private static Schedule schedule(int steps, double learningRate, int rows) {
    return new Schedule(3, steps, rows, rows, learningRate, 0);
  }
}
