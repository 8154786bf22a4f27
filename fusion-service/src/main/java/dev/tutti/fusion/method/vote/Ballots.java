package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.learning.FitRequest;
import dev.tutti.numerics.answer.AnswerForm;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;

/**
 * Recorded answers as a vote sees them: who said the same, and how good it was.
 *
 * @param members the columns, no name twice
 * @param rows a ballot a question
 */
public record Ballots(List<String> members, List<Ballot> rows) {

  /** Checks that there is something to learn from. */
  public Ballots {
    members = List.copyOf(members);
    rows = List.copyOf(rows);
    if (members.isEmpty() || rows.isEmpty()) {
      throw new IllegalArgumentException(
          "There is nothing to learn from: %d questions, %d members."
              .formatted(rows.size(), members.size()));
    }
    for (Ballot row : rows) {
      if (row.answers().length != members.size() || row.scores().length != members.size()) {
        throw new IllegalArgumentException(
            "A question has %d answers and %d scores for %d members."
                .formatted(row.answers().length, row.scores().length, members.size()));
      }
    }
  }

  /**
   * One question.
   *
   * @param query its number ({@link FitRequest#number})
   * @param set of the dataset; may be empty
   * @param category what kind of question it is; empty where nobody says
   * @param answers what each member said: equal numbers from 0 on for equal answers, -1 where it
   *     said nothing that can be read, or was not asked
   * @param scores how good it was, in the unit of the recorded outcomes; NaN where it was not asked
   */
  public record Ballot(long query, String set, String category, int[] answers, float[] scores) {

    /** How many different answers there are. */
    int count() {
      int count = 0;
      for (int answer : answers) {
        count = Math.max(count, answer + 1);
      }
      return count;
    }

    /**
     * Which answers are right: those that were scored the best. None where all were scored alike:
     * nobody can tell from it whom to believe.
     */
    boolean[] right() {
      float best = Float.NEGATIVE_INFINITY;
      float worst = Float.POSITIVE_INFINITY;
      var scored = new float[count()];
      java.util.Arrays.fill(scored, Float.NEGATIVE_INFINITY);
      for (int m = 0; m < answers.length; m++) {
        if (answers[m] >= 0) {
          scored[answers[m]] = Math.max(scored[answers[m]], scores[m]);
        }
      }
      for (float score : scored) {
        best = Math.max(best, score);
        worst = Math.min(worst, score);
      }
      var right = new boolean[scored.length];
      for (int a = 0; a < scored.length; a++) {
        right[a] = scored[a] == best && best > worst;
      }
      return right;
    }
  }

  /**
   * Recorded answers as ballots.
   *
   * @param form in which answers are compared
   * @param label that tells a question's category; none where empty
   */
  public static Ballots of(RecordedAnswers recorded, AnswerForm form, String label) {
    var rows = new ArrayList<Ballot>();
    for (RecordedAnswers.Row row : recorded.rows()) {
      List<String> texts = row.candidates().answers().stream().map(Answer::text).toList();
      AnswerForm its = form.resolve(texts);
      var answers = new int[recorded.members().size()];
      var scores = new float[answers.length];
      var different = new HashMap<String, Integer>();
      for (int m = 0; m < answers.length; m++) {
        int place = row.place(recorded.members().get(m));
        scores[m] = place < 0 ? Float.NaN : row.scores()[place];
        answers[m] =
            place < 0
                ? -1
                : its.canonical(texts.get(place))
                    .map(a -> different.computeIfAbsent(a, _ -> different.size()))
                    .orElse(-1);
      }
      rows.add(
          new Ballot(
              row.number(), row.set(), row.labels().getOrDefault(label, ""), answers, scores));
    }
    return new Ballots(recorded.members(), rows);
  }

  /**
   * Mean score of each member over the questions that it was asked.
   *
   * @return one a member; 0 where it was asked none
   */
  public static double[] means(List<Ballot> rows, int members) {
    var means = new double[members];
    for (int m = 0; m < members; m++) {
      int column = m;
      means[m] =
          rows.stream()
              .mapToDouble(row -> row.scores()[column])
              .filter(score -> !Double.isNaN(score))
              .average()
              .orElse(0);
    }
    return means;
  }

  /** SHA-256 of everything here, as hex: equal data, equal fingerprint. */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\n", members).getBytes(StandardCharsets.UTF_8));
      for (Ballot row : rows) {
        digest.update(
            "\n%s\n%s\n".formatted(row.set(), row.category()).getBytes(StandardCharsets.UTF_8));
        var bytes = ByteBuffer.allocate(Long.BYTES + 8 * members.size());
        bytes.putLong(row.query());
        for (int m = 0; m < members.size(); m++) {
          bytes.putInt(row.answers()[m]).putFloat(row.scores()[m]);
        }
        digest.update(bytes.array());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
