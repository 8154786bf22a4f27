package dev.tutti.cascade;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.FitRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What members answered to recorded questions, what it was worth and what it cost: what a cascade
 * learns from, and what it is replayed on.
 *
 * @param members the columns, no name twice
 * @param rows one a question
 */
public record RecordedOutcomes(List<String> members, List<Row> rows) {

  /** Checks that there is something to learn from. */
  public RecordedOutcomes {
    members = List.copyOf(members);
    rows = List.copyOf(rows);
    if (members.isEmpty() || rows.isEmpty()) {
      throw new IllegalArgumentException(
          "There is nothing to learn from: %d questions, %d members."
              .formatted(rows.size(), members.size()));
    }
    for (Row row : rows) {
      if (row.outcomes().size() != members.size()) {
        throw new IllegalArgumentException(
            "A question has %d outcomes; there are %d members."
                .formatted(row.outcomes().size(), members.size()));
      }
    }
  }

  /**
   * One question.
   *
   * @param number of the question ({@link FitRequest#number})
   * @param set of the dataset; may be empty
   * @param query what was asked
   * @param embedding of the question, of unit length; empty where the method looks at none
   * @param reference what would be right; empty where it is not known, or the method does not ask
   * @param outcomes one a member, in their order; empty where it was not asked
   */
  public record Row(
      long number,
      String set,
      Query query,
      Optional<float[]> embedding,
      Optional<String> reference,
      List<Optional<Recorded>> outcomes) {

    /** Keeps its own copy. */
    public Row {
      outcomes = List.copyOf(outcomes);
    }

    /** Without a reference. */
    public Row(
        long number,
        String set,
        Query query,
        Optional<float[]> embedding,
        List<Optional<Recorded>> outcomes) {
      this(number, set, query, embedding, Optional.empty(), outcomes);
    }

    /** What a member's answer was worth; NaN where it was not asked. */
    public double score(int member) {
      return outcomes.get(member).map(Recorded::score).orElse(Double.NaN);
    }
  }

  /**
   * What one member made of one question.
   *
   * @param text its answer; may be empty
   * @param signals what the answer said about itself
   * @param score how good it was, in the dataset's unit; higher is better
   * @param usd what it cost, in the dataset's unit of cost; at least 0
   * @param samples further answers, drawn; empty text for one without an answer
   * @param checks what the member said of its answer; empty where it was not asked
   * @param embedding of the text, of unit length; empty where the text is blank, or the method
   *     looks at none
   */
  public record Recorded(
      String text,
      AnswerSignals signals,
      double score,
      double usd,
      List<String> samples,
      Optional<Checks> checks,
      Optional<float[]> embedding) {

    /** Keeps its own copy. */
    public Recorded {
      samples = List.copyOf(samples);
    }

    /** Without an embedding. */
    public Recorded(
        String text,
        AnswerSignals signals,
        double score,
        double usd,
        List<String> samples,
        Optional<Checks> checks) {
      this(text, signals, score, usd, samples, checks, Optional.empty());
    }

    /** One that was not checked. */
    public Recorded(
        String text, AnswerSignals signals, double score, double usd, List<String> samples) {
      this(text, signals, score, usd, samples, Optional.empty());
    }
  }

  /**
   * What a member said when it was asked several times whether its answer is correct.
   *
   * @param share of the times that it said so, in [0, 1]
   * @param usd what all of them cost, in the dataset's unit of cost; at least 0
   */
  public record Checks(double share, double usd) {

    /** Of the calls that ask for them. */
    public static final String PURPOSE = "verify";

    /** What a member says of an answer that is right. */
    public static final String CORRECT = "correct";

    /** What a member says of an answer that is wrong. */
    public static final String INCORRECT = "incorrect";

    /** What it says when it is asked so many times: as often as the share says it is right. */
    public List<String> texts(int times) {
      long right = Math.round(share * times);
      return IntStream.range(0, times).mapToObj(i -> i < right ? CORRECT : INCORRECT).toList();
    }
  }

  /** The mean cost of a member's answers; NaN where it has none. */
  public double usd(int member) {
    return rows.stream()
        .flatMap(row -> row.outcomes().get(member).stream())
        .mapToDouble(Recorded::usd)
        .average()
        .orElse(Double.NaN);
  }

  /** The mean score of a member's answers; NaN where it has none. */
  public double score(int member) {
    return rows.stream()
        .flatMap(row -> row.outcomes().get(member).stream())
        .mapToDouble(Recorded::score)
        .average()
        .orElse(Double.NaN);
  }

  /**
   * Checks that a member's scores are shares, 0 (wrong) to 1 (right).
   *
   * @param taker who needs them so
   * @throws IllegalArgumentException names the first that is not
   */
  public void requireShares(int member, String taker) {
    for (Row row : rows) {
      double score = row.score(member);
      if (score < 0 || score > 1) {
        throw new IllegalArgumentException(
            "A score of %s is %s; %s takes scores from 0 (wrong) to 1 (right)."
                .formatted(members.get(member), score, taker));
      }
    }
  }

  /**
   * The mean score of a member, where its scores are shares.
   *
   * @param taker who needs it
   * @throws IllegalArgumentException as {@link #requireShares}, and where it has no answer
   */
  public double requireShare(int member, String taker) {
    requireShares(member, taker);
    double mean = score(member);
    if (Double.isNaN(mean)) {
      throw new IllegalArgumentException(
          "No answer of %s was recorded; leave it out, or record some."
              .formatted(members.get(member)));
    }
    return mean;
  }

  /** The rows at these places. */
  public RecordedOutcomes at(int[] places) {
    return new RecordedOutcomes(members, Arrays.stream(places).mapToObj(rows::get).toList());
  }

  /** SHA-256 of everything here but embeddings, as hex: equal data, equal fingerprint. */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\n", members).getBytes(StandardCharsets.UTF_8));
      for (Row row : rows) {
        digest.update(
            ("\n%d %s\n".formatted(row.number(), row.set())).getBytes(StandardCharsets.UTF_8));
        row.reference()
            .ifPresent(reference -> digest.update(reference.getBytes(StandardCharsets.UTF_8)));
        for (Optional<Recorded> outcome : row.outcomes()) {
          digest.update((byte) (outcome.isPresent() ? 1 : 0));
          outcome.ifPresent(its -> update(digest, its));
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, Recorded its) {
    byte[] text =
        (its.text()
                + "\n"
                + its.samples()
                + its.signals()
                + its.checks().map(Checks::toString).orElse(""))
            .getBytes(StandardCharsets.UTF_8);
    digest.update(
        ByteBuffer.allocate(2 * Double.BYTES + Integer.BYTES)
            .putDouble(its.score())
            .putDouble(its.usd())
            .putInt(text.length)
            .array());
    digest.update(text);
  }
}
