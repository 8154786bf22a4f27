package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.FittedCascade.Progress;
import dev.tutti.cascade.LiveAnswers.LiveAnswer;
import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.Grading;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import dev.tutti.numerics.Interruption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A member that says what answers are worth, 0 to 1 ({@link Grading}); it is asked greedily, for
 * money. It sees the reference where there is one. An answer that says nothing is worth 0, and
 * nobody is asked; one is worth 0 too where the verdict has no grade, or the judge has no verdict,
 * as of a text that is too long for it: what nobody could grade brings no reward. A judge of whose
 * first verdicts none has a grade is refused. For one thread.
 */
final class Judge {

  /** So many verdicts without a grade are enough. */
  private static final int FIRST = 20;

  private final PaidCalls calls;
  private final String name;
  private int verdicts;
  private int grades;

  Judge(PaidCalls calls, String name) {
    this.calls = calls;
    this.name = name;
  }

  /** What it is asked. */
  static LiveCall call(String judge, Query query, Optional<String> reference, String answer) {
    return new LiveCall(
        judge,
        List.of(
            new Turn(Turn.Role.SYSTEM, Grading.INSTRUCTIONS),
            new Turn(
                Turn.Role.USER,
                Grading.material(query.text(), reference.stream().toList(), answer))),
        Grading.MOST_TOKENS,
        false,
        true);
  }

  /**
   * What an answer is worth.
   *
   * @return 0 to 1; empty where the money does not do
   * @throws IllegalArgumentException where it seems to give no grades
   */
  OptionalDouble worth(Row row, String answer) {
    if (answer.isBlank()) {
      return OptionalDouble.of(0);
    }
    Optional<LiveAnswer> said = calls.ask(call(name, row.query(), row.reference(), answer));
    if (said.isEmpty()) {
      return OptionalDouble.empty();
    }
    OptionalDouble grade = said.get().text().map(Grading::score).orElse(OptionalDouble.empty());
    verdicts++;
    grades += grade.isPresent() ? 1 : 0;
    if (verdicts == FIRST) {
      requireGrades();
    }
    return OptionalDouble.of(grade.orElse(0));
  }

  private void requireGrades() {
    if (verdicts > 0 && grades == 0) {
      throw new IllegalArgumentException(
          "None of the first %d verdicts of the judge '%s' has a grade from 1 to 10; take a judge that does as it is told."
              .formatted(verdicts, name));
    }
  }

  /**
   * Recorded answers with what they are worth as their scores.
   *
   * @throws IllegalArgumentException where the money does not do, or it gives no grades
   */
  RecordedOutcomes graded(RecordedOutcomes data, Progress progress) {
    int size = data.rows().size();
    var rows = new ArrayList<Row>();
    for (Row row : data.rows()) {
      Interruption.check();
      var outcomes = new ArrayList<Optional<Recorded>>();
      for (Optional<Recorded> its : row.outcomes()) {
        outcomes.add(its.map(answer -> graded(row, answer, rows.size(), size)));
      }
      rows.add(
          new Row(
              row.number(), row.set(), row.query(), row.embedding(), row.reference(), outcomes));
      progress.told(
          rows.size(),
          size,
          "grade: recorded answers to question %d of %d; %d of %d verdicts have a grade, %.4f US dollars are left"
              .formatted(rows.size(), size, grades, verdicts, calls.usdLeft()));
    }
    requireGrades();
    return new RecordedOutcomes(data.members(), rows);
  }

  private Recorded graded(Row row, Recorded its, int done, int size) {
    double worth =
        worth(row, its.text())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "budget_usd pays the judge's verdicts on the recorded answers to %d of %d questions, and all are needed before anything is learned. Choose a higher budget_usd, or a judge that costs less."
                            .formatted(done, size)));
    return new Recorded(
        its.text(), its.signals(), worth, its.usd(), its.samples(), its.checks(), its.embedding());
  }
}
