package dev.tutti.cascade.method.student;

import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.NeighbourIndex.Neighbours;
import dev.tutti.numerics.SoftmaxSteps;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What answers the strong member's questions in its place, from its answers. Immutable: more
 * examples make another one.
 */
final class Student {

  private static final int CLASSES = 64;
  private static final double PENALTY = 1e-4;
  private static final int EPOCHS = 5;
  private static final int LEAST_STEPS = 20_000;

  private static final int NEAREST = 8;
  private static final double SHARPNESS = 20;

  private final List<String> answers;
  private final Optional<NeighbourIndex> index;
  private final Optional<Heads> heads;

  /** One head an answer; the last is for all others, where there are some. */
  private record Heads(List<String> answers, LinearHeads linear) {}

  private Student(List<String> answers, Optional<NeighbourIndex> index, Optional<Heads> heads) {
    this.answers = answers;
    this.index = index;
    this.heads = heads;
  }

  /**
   * Learns. Softmax regression of 10,000 embeddings of 384 numbers takes seconds, on one thread.
   *
   * @param examples at least one
   * @param strategy for which it is asked: embeddings stay in memory where that compares them
   */
  static Student of(List<Example> examples, NeuralCache.Kind kind, Strategy strategy) {
    Matrix rows = Matrix.of(examples.stream().map(Example::embedding).toList());
    List<String> answers = examples.stream().map(Example::answer).toList();
    boolean softmax = kind == NeuralCache.Kind.SOFTMAX;
    return new Student(
        answers,
        softmax && strategy != Strategy.CORESET
            ? Optional.empty()
            : Optional.of(new NeighbourIndex(rows)),
        softmax ? Optional.of(heads(rows, answers)) : Optional.empty());
  }

  /** How many embeddings it holds. */
  int rows() {
    return index.isPresent() ? answers.size() : 0;
  }

  private static Heads heads(Matrix rows, List<String> answers) {
    var counts = new HashMap<String, Integer>();
    answers.forEach(answer -> counts.merge(answer, 1, Integer::sum));
    List<String> frequent =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(CLASSES)
            .map(Map.Entry::getKey)
            .toList();
    int classes = frequent.size() + (frequent.size() < counts.size() ? 1 : 0);
    int[] labels =
        answers.stream()
            .mapToInt(frequent::indexOf)
            .map(at -> at < 0 ? frequent.size() : at)
            .toArray();
    int epochs = Math.max(EPOCHS, Math.ceilDiv(LEAST_STEPS, labels.length));
    return new Heads(frequent, SoftmaxSteps.fit(rows, labels, classes, PENALTY, epochs));
  }

  /** What it believes of a question. */
  Guess guess(float[] embedding) {
    Optional<Neighbours> near = index.map(its -> its.search(embedding, NEAREST));
    return new Guess(
        falling(heads.isPresent() ? classes(embedding) : votes(near.orElseThrow())),
        near.map(its -> its.similarities()[0]).orElse(Double.NaN));
  }

  /** Answers that are not among the classes have no name: what is believed of them is missing. */
  private Map<String, Double> classes(float[] embedding) {
    Heads its = heads.orElseThrow();
    double[] p = Vectors.softmax(its.linear().apply(embedding), 1);
    var beliefs = new HashMap<String, Double>();
    IntStream.range(0, its.answers().size()).forEach(k -> beliefs.put(its.answers().get(k), p[k]));
    return beliefs;
  }

  private Map<String, Double> votes(Neighbours near) {
    double[] scaled = Arrays.stream(near.similarities()).map(s -> SHARPNESS * s).toArray();
    double[] p = Vectors.softmax(scaled, 1);
    var beliefs = new HashMap<String, Double>();
    for (int i = 0; i < p.length; i++) {
      beliefs.merge(answers.get(near.rows()[i]), p[i], Double::sum);
    }
    return beliefs;
  }

  private static LinkedHashMap<String, Double> falling(Map<String, Double> beliefs) {
    var falling = new LinkedHashMap<String, Double>();
    beliefs.entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> falling.put(entry.getKey(), entry.getValue()));
    return falling;
  }
}
