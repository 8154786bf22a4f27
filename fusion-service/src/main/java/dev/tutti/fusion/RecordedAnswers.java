package dev.tutti.fusion;

import dev.tutti.kit.calls.Query;
import dev.tutti.learning.FitRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Recorded answers that a method learns from, as it sees answers when it weighs them.
 *
 * @param members the columns, no name twice; candidates are {@link Candidates.Answer#knownAs} them
 * @param rows one a question
 */
public record RecordedAnswers(List<String> members, List<Row> rows) {

  /** Checks that there is something to learn from. */
  public RecordedAnswers {
    members = List.copyOf(members);
    rows = List.copyOf(rows);
    if (members.isEmpty() || rows.isEmpty()) {
      throw new IllegalArgumentException(
          "There is nothing to learn from: %d questions, %d members."
              .formatted(rows.size(), members.size()));
    }
  }

  /**
   * One question.
   *
   * @param number of the question ({@link FitRequest#number})
   * @param set of the dataset; may be empty
   * @param labels further texts of the source by name, e.g. category
   * @param query what was asked
   * @param candidates what was answered, in the order of the members, with the evidence that the
   *     method declares; a member that was not asked has none
   * @param scores how good each candidate was, in the unit of the recorded outcomes
   */
  public record Row(
      long number,
      String set,
      Map<String, String> labels,
      Query query,
      Candidates candidates,
      float[] scores) {

    /** Checks the number of scores. */
    public Row {
      labels = Map.copyOf(labels);
      if (scores.length != candidates.size()) {
        throw new IllegalArgumentException(
            "%d scores for %d answers.".formatted(scores.length, candidates.size()));
      }
    }

    /** The place of a member's answer among the candidates; -1 where it has none. */
    public int place(String member) {
      List<Candidates.Answer> answers = candidates.answers();
      for (int i = 0; i < answers.size(); i++) {
        if (answers.get(i).knownAs().equals(member)) {
          return i;
        }
      }
      return -1;
    }

    /**
     * Which candidates are right: those that were scored the best. None where all were scored
     * alike: nobody can tell from it whom to believe.
     */
    public boolean[] right() {
      float best = Float.NEGATIVE_INFINITY;
      float worst = Float.POSITIVE_INFINITY;
      for (float score : scores) {
        best = Math.max(best, score);
        worst = Math.min(worst, score);
      }
      var right = new boolean[scores.length];
      for (int i = 0; i < right.length; i++) {
        right[i] = scores[i] == best && best > worst;
      }
      return right;
    }
  }

  /** SHA-256 of everything here but the evidence, as hex: equal data, equal fingerprint. */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\n", members).getBytes(StandardCharsets.UTF_8));
      for (Row row : rows) {
        var bytes = ByteBuffer.allocate(Long.BYTES + Float.BYTES * row.scores().length);
        bytes.putLong(row.number());
        for (float score : row.scores()) {
          bytes.putFloat(score);
        }
        digest.update(bytes.array());
        digest.update("\n%s\n".formatted(row.set()).getBytes(StandardCharsets.UTF_8));
        row.labels().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .forEach(label -> digest.update(label.toString().getBytes(StandardCharsets.UTF_8)));
        for (Candidates.Answer answer : row.candidates().answers()) {
          byte[] text = answer.text().getBytes(StandardCharsets.UTF_8);
          digest.update(
              "\n%s %d\n"
                  .formatted(answer.knownAs(), text.length)
                  .getBytes(StandardCharsets.UTF_8));
          digest.update(text);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** The mean score of a member's answers; NaN where it has none. */
  public double mean(String member) {
    return rows.stream()
        .filter(row -> row.place(member) >= 0)
        .mapToDouble(row -> row.scores()[row.place(member)])
        .average()
        .orElse(Double.NaN);
  }

  /** The rows at these places. */
  public RecordedAnswers at(int[] places) {
    return new RecordedAnswers(members, Arrays.stream(places).mapToObj(rows::get).toList());
  }
}
