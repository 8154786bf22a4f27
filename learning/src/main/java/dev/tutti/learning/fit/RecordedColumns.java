package dev.tutti.learning.fit;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.learning.FitRequest;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The columns of a dataset that a fit reads with their texts, and the room that they may take. For
 * one thread.
 */
public final class RecordedColumns {

  /** An answer beside its text, a row beside its answers. */
  private static final int BYTES_AN_ITEM = 160;

  private final List<String> members;
  private final long mostBytes;
  // Short answers repeat: option letters, numbers.
  private final Map<String, String> kept = new HashMap<>();
  private long bytes;

  /**
   * Columns in a quarter of the heap.
   *
   * @param request the members that it names; all of the dataset where it names none
   */
  public RecordedColumns(FitRequest request, Dataset data) {
    this(request, data, Runtime.getRuntime().maxMemory() / 4);
  }

  /**
   * Columns in bounds.
   *
   * @param mostBytes what everything that is kept may take; with what is learned of it twice as
   *     much
   */
  public RecordedColumns(FitRequest request, Dataset data, long mostBytes) {
    this.mostBytes = mostBytes;
    this.members =
        request.parameters().members().isEmpty()
            ? data.getMembersList().stream().map(DatasetMember::getMember).toList()
            : request.parameters().members();
  }

  /** Their names, in order. */
  public List<String> members() {
    return members;
  }

  /** What each member made of a question, in their order; empty where it was not asked. */
  public List<Optional<Outcome>> outcomes(RecordedQuery row) {
    return members.stream()
        .map(m -> row.getOutcomesList().stream().filter(o -> o.getMember().equals(m)).findFirst())
        .toList();
  }

  /** A text, which is kept once however often it comes. */
  public String kept(String text) {
    String known = kept.putIfAbsent(text, text);
    if (known == null) {
      bytes += 2L * text.length() + BYTES_AN_ITEM;
      return text;
    }
    return known;
  }

  /**
   * Counts a question.
   *
   * @param answers how many were kept
   * @param vectors that are kept with it
   * @throws dev.tutti.kit.grpc.FailureException when there is no room for it
   */
  public void count(RecordedQuery row, int answers, List<float[]> vectors) {
    bytes +=
        BYTES_AN_ITEM * (1L + answers)
            + 2L * row.getQuery().length()
            + vectors.stream().mapToLong(v -> (long) Float.BYTES * v.length).sum();
    require("texts", bytes, mostBytes);
  }

  /**
   * Holds what learning takes against the room for it: twice that of what is kept, for both.
   *
   * @param learning bytes beside what is kept
   * @throws dev.tutti.kit.grpc.FailureException when there is no room for it
   */
  public void requireRoom(long learning) {
    require("texts and features", bytes + learning, 2 * mostBytes);
  }

  private static void require(String what, long bytes, long most) {
    if (bytes > most) {
      throw FitRequest.refused(
          "dataset",
          "Its answers' %s need more than the %d MiB that this service has for a fit; name fewer members, or a smaller split."
              .formatted(what, most >> 20));
    }
  }

  /**
   * What was recorded under the names by which completions tell it. Quantiles 0, .1, ... 1 of the
   * tokens' log-probabilities, {@code logprob_q0} to {@code logprob_q10}, stand for those of the
   * tokens, which have the same quantiles; where one is missing the tokens' are not known.
   */
  public static AnswerSignals signals(Outcome outcome) {
    return new AnswerSignals(
        number(outcome, "mean_logprob"),
        number(outcome, "sum_logprob"),
        number(outcome, "min_logprob"),
        number(outcome, "mean_distance_to_uniform"),
        number(outcome, "min_distance_to_uniform"),
        number(outcome, "option_margin"),
        number(outcome, "option_entropy"),
        tokenLogprobs(outcome));
  }

  private static List<Double> tokenLogprobs(Outcome outcome) {
    List<Double> quantiles =
        IntStream.rangeClosed(0, 10)
            .mapToObj(tenth -> outcome.getNumbersMap().get("logprob_q" + tenth))
            .filter(Objects::nonNull)
            .toList();
    return quantiles.size() == 11 ? quantiles : List.of();
  }

  private static OptionalDouble number(Outcome outcome, String name) {
    Double value = outcome.getNumbersMap().get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /**
   * The questions of one side.
   *
   * @param side those learned from, or those held out
   * @param other the rest
   * @throws dev.tutti.kit.grpc.FailureException when there are none
   */
  public static <R> List<R> require(List<R> side, List<R> other, boolean heldOut) {
    if (side.isEmpty()) {
      throw FitRequest.refused(
          other.isEmpty() ? "dataset" : "holdout",
          other.isEmpty()
              ? "There are no recorded answers in this split of the dataset."
              : "Of %d queries %s are held out.".formatted(other.size(), heldOut ? "none" : "all"));
    }
    return side;
  }
}
