package dev.tutti.cascade.estimate;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Questions of four options, drawn; the right one is known. */
public final class DrawnChoices {

  private DrawnChoices() {}

  /**
   * Members that say the right option with their probability, any other else; each costs ten times
   * as much as the one before, with some noise.
   *
   * @param right by member
   */
  public static RecordedOutcomes drawn(int questions, int seed, double... right) {
    var random = new Random(seed);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < questions; i++) {
      int truth = random.nextInt(4);
      var outcomes = new ArrayList<Optional<Recorded>>();
      for (int m = 0; m < right.length; m++) {
        boolean isRight = random.nextDouble() < right[m];
        int said = isRight ? truth : (truth + 1 + random.nextInt(3)) % 4;
        outcomes.add(
            Optional.of(
                new Recorded(
                    "ABCD".substring(said, said + 1),
                    AnswerSignals.NONE,
                    isRight ? 1 : 0,
                    Math.pow(10, m) * (.5 + random.nextDouble()),
                    List.of())));
      }
      var embedding = new float[] {random.nextFloat(), random.nextFloat()};
      rows.add(new Row(i, "", new Query("q" + i), Optional.of(embedding), outcomes));
    }
    var members = new ArrayList<String>();
    for (int m = 0; m < right.length; m++) {
      members.add("m" + m);
    }
    return new RecordedOutcomes(members, rows);
  }
}
