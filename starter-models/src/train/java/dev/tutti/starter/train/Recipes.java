package dev.tutti.starter.train;

import dev.tutti.starter.AdditionTask;
import dev.tutti.starter.ChainTask;
import dev.tutti.starter.ChoiceTask;
import dev.tutti.starter.DatesTask;
import dev.tutti.starter.FactsTask;
import dev.tutti.starter.MultiplicationTask;
import dev.tutti.starter.ReversingTask;
import dev.tutti.starter.SortingTask;
import dev.tutti.starter.SubtractionTask;
import dev.tutti.starter.UnitsTask;
import dev.tutti.starter.train.Mixture.Part;
import dev.tutti.starter.train.Recipe.Objective;
import dev.tutti.starter.train.Recipe.Schedule;
import dev.tutti.starter.train.Recipe.Shape;
import dev.tutti.starter.train.onnx.DecoderExporter.Attention;
import java.util.List;
import java.util.stream.Stream;

/** The models of the pool, by name; a parent stands before its children. */
final class Recipes {

  private static final Mixture ADDITION = Mixture.of(new AdditionTask());

  private static final Mixture WORDS =
      Mixture.of(
          new Part(new SortingTask(), 0.25),
          new Part(new ReversingTask(), 0.15),
          new Part(new DatesTask(), 0.25),
          new Part(new UnitsTask(), 0.15),
          new Part(new FactsTask(), 0.2));

  private static final Mixture CALCULATION =
      Mixture.of(
          new Part(new ChainTask(), 0.4),
          new Part(new MultiplicationTask(), 0.4),
          new Part(new SubtractionTask(), 0.2));

  private static final Mixture EVERYTHING =
      Mixture.of(
          new Part(new AdditionTask(), 0.08),
          new Part(new SubtractionTask(), 0.09),
          new Part(new MultiplicationTask(), 0.11),
          new Part(new ChainTask(), 0.12),
          new Part(new SortingTask(), 0.09),
          new Part(new ReversingTask(), 0.04),
          new Part(new DatesTask(), 0.14),
          new Part(new UnitsTask(), 0.09),
          new Part(new FactsTask(), 0.12),
          new Part(new ChoiceTask(), 0.12));

  private static final Shape STRONG = new Shape(12, 1, 128, 4, 4, 336, 64, Attention.BASIC);
  private static final Shape WORDSMITH =
      new Shape(200, 1, 96, 3, 3, 256, 96, Attention.GROUPED_QUERY);
  private static final Shape GENERALIST = new Shape(0, 0, 96, 4, 4, 256, 96, Attention.BASIC);
  private static final Shape CALCULATOR = new Shape(0, 0, 128, 4, 4, 336, 96, Attention.BASIC);

  private static final Shape JUDGE = new Shape(0, 0, 128, 5, 4, 288, 96, Attention.BASIC);

  private static final List<Recipe> ALL =
      List.of(
          weakAdder("adder-weak-1", 0, 22, 650),
          weakAdder("adder-weak-2", 0, 11, 600),
          weakAdder("adder-weak-3", 0, 33, 725),
          weakAdder("adder-bpe-1", 8, 44, 800),
          weakAdder("adder-bpe-2", 20, 55, 1800),
          answers("adder-strong", ADDITION, null, STRONG, decaying(7, 5000, 5000, 128, 2e-3)),
          answers("wordsmith", WORDS, null, WORDSMITH, decaying(101, 3000, 3000, 32, 2e-3)),
          answers(
              "generalist", EVERYTHING, "chooser", GENERALIST, decaying(103, 2500, 5000, 32, 2e-3)),
          answers(
              "calculator", CALCULATION, null, CALCULATOR, decaying(107, 2900, 3500, 32, 1.5e-3)),
          new Recipe(
              "step-judge",
              Mixture.of(new Part(new ChainTask(), 0.7), new Part(new MultiplicationTask(), 0.3)),
              Objective.STEPS,
              "calculator",
              0.2,
              JUDGE,
              decaying(109, 2400, 2400, 32, 2e-3)),
          answers(
              "generalist-units",
              Mixture.of(new UnitsTask()),
              "generalist",
              GENERALIST,
              decaying(113, 600, 600, 128, 1e-3)),
          answers(
              "generalist-dates",
              Mixture.of(new DatesTask()),
              "generalist",
              GENERALIST,
              decaying(127, 600, 600, 128, 1e-3)));

  /**
   * Where the generalist starts from, no member of the pool: to find the right option takes some
   * 250,000 questions, and they must come first.
   */
  private static final Recipe CHOOSER =
      answers(
          "chooser",
          Mixture.of(new ChoiceTask()),
          null,
          GENERALIST,
          decaying(103, 3200, 5000, 32, 2e-3));

  private Recipes() {}

  /** Those of the committed pool. */
  static List<Recipe> all() {
    return ALL;
  }

  /** A model of the pool, or one that only starts another. */
  static Recipe named(String name) {
    return Stream.concat(ALL.stream(), Stream.of(CHOOSER))
        .filter(recipe -> recipe.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no model " + name + "; there are " + ALL.stream().map(Recipe::name).toList()));
  }

  private static Recipe weakAdder(String name, int merges, long seed, int steps) {
    Shape shape = new Shape(merges, seed, 64, 3, 4, 128, 64, Attention.BASIC);
    return answers(name, ADDITION, null, shape, new Schedule(seed, steps, 128, 128, 2e-3, 0));
  }

  private static Recipe answers(
      String name, Mixture mixture, String parent, Shape shape, Schedule schedule) {
    return new Recipe(name, mixture, Objective.ANSWERS, parent, 1, shape, schedule);
  }

  private static Schedule decaying(
      long seed, int steps, int horizon, int rowsAPass, double learningRate) {
    return new Schedule(seed, steps, 128, rowsAPass, learningRate, horizon);
  }
}
