package dev.tutti.fusion.answer;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.tutti.fusion.v1.BroughtAnswer;
import dev.tutti.kit.calls.Ran;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.numerics.answer.ResultRows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What running answers gave, as their caller ran them: they share a vote where it gave the same.
 * Where some were run, those that were not have none.
 */
final class RunAnswers {

  private static final int MOST_ROWS = 10_000;
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final int MOST_TESTS = 1_000;
  private static final int LONGEST_NAME = 256;

  private RunAnswers() {}

  /**
   * What each gave, in their order; empty where none was run.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.InvalidArgument}) names the first
   *     answer whose result or tests are none
   */
  static List<Optional<Ran>> of(List<BroughtAnswer> answers) {
    boolean rows = answers.stream().anyMatch(BroughtAnswer::hasResult);
    boolean tests = answers.stream().anyMatch(its -> its.getTestsCount() > 0);
    if (rows && tests) {
      int first = place(answers, its -> its.getTestsCount() > 0);
      throw refused(first, "tests", "Answers have results or tests; these have both.");
    }
    if (rows) {
      return rows(answers);
    }
    return tests ? tests(answers) : answers.stream().map(_ -> Optional.<Ran>empty()).toList();
  }

  private static int place(List<BroughtAnswer> answers, Predicate<BroughtAnswer> wanted) {
    int place = 0;
    while (!wanted.test(answers.get(place))) {
      place++;
    }
    return place;
  }

  /** Their order says something where most of the queries order them. */
  private static List<Optional<Ran>> rows(List<BroughtAnswer> answers) {
    long run = answers.stream().filter(BroughtAnswer::hasResult).count();
    long order =
        answers.stream()
            .filter(its -> its.hasResult() && ResultRows.isOrdered(its.getText()))
            .count();
    return IntStream.range(0, answers.size())
        .mapToObj(i -> Optional.of(rows(i, answers.get(i), 2 * order > run)))
        .toList();
  }

  private static Ran rows(int place, BroughtAnswer answer, boolean ordered) {
    return answer.hasResult()
        ? new Ran(Optional.of(spelled(place, answer.getResult().getRowsList(), ordered)))
        : Ran.NOTHING;
  }

  private static String spelled(int place, List<String> rows, boolean ordered) {
    long characters = rows.stream().mapToLong(String::length).sum();
    if (rows.size() > MOST_ROWS || characters > MOST_CHARACTERS) {
      throw refused(
          place,
          "result",
          "The result has %d rows of %d characters together; at most %d rows of %d are allowed."
              .formatted(rows.size(), characters, MOST_ROWS, MOST_CHARACTERS));
    }
    try {
      return ResultRows.spelled(rows, ordered);
    } catch (IllegalArgumentException e) {
      throw refused(place, "result", e.getMessage());
    }
  }

  /** Only those have a vote that passed the most, and at least one. */
  private static List<Optional<Ran>> tests(List<BroughtAnswer> answers) {
    int first = place(answers, its -> its.getTestsCount() > 0);
    Map<String, Boolean> names = answers.get(first).getTestsMap();
    for (int i = first; i < answers.size(); i++) {
      check(i, answers.get(i).getTestsMap(), names);
    }
    long most = answers.stream().mapToLong(RunAnswers::passed).max().orElseThrow();
    return answers.stream()
        .map(
            its ->
                Optional.of(
                    most > 0 && passed(its) == most
                        ? new Ran(Optional.of(spelled(its.getTestsMap())))
                        : Ran.NOTHING))
        .toList();
  }

  private static void check(int place, Map<String, Boolean> tests, Map<String, Boolean> names) {
    if (tests.isEmpty()) {
      return;
    }
    if (tests.size() > MOST_TESTS
        || tests.keySet().stream().anyMatch(n -> n.isEmpty() || n.length() > LONGEST_NAME)) {
      throw refused(
          place,
          "tests",
          "There are %d tests; 1 to %d with names of 1 to %d characters are allowed."
              .formatted(tests.size(), MOST_TESTS, LONGEST_NAME));
    }
    if (!tests.keySet().equals(names.keySet())) {
      throw refused(place, "tests", "The tests are not those of the answers before it.");
    }
  }

  private static long passed(BroughtAnswer answer) {
    return answer.getTestsMap().values().stream().filter(passed -> passed).count();
  }

  private static String spelled(Map<String, Boolean> tests) {
    return new TreeMap<>(tests)
        .entrySet().stream()
            .map(
                test ->
                    "\"%s\":%s"
                        .formatted(
                            new String(
                                JsonStringEncoder.getInstance().quoteAsString(test.getKey())),
                            test.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
  }

  private static RuntimeException refused(int place, String field, String message) {
    return Failure.invalid("answers[%d].%s".formatted(place, field), message);
  }
}
