package dev.tutti.registry.recording;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.Names;
import dev.tutti.router.v1.ReadRatedDecisionsRequest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * What is to be made of rated decisions, as a job's parameters say it.
 *
 * @param dataset name of the dataset that they go to
 * @param upload id of the body
 * @param ensembles whose decisions, by name; null for all
 * @param from the first moment that counts, as ISO 8601 writes it; null from the beginning
 * @param to the first that does not any more; null up to now
 * @param leastRatings of a member's answer, 1 to 1,000; null for one
 * @param split of all queries; null for none
 * @param replace whether what the dataset says otherwise is replaced
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RatedParameters(
    String dataset,
    String upload,
    List<String> ensembles,
    String from,
    String to,
    Integer leastRatings,
    String split,
    Boolean replace) {

  private static final int MOST_ENSEMBLES = 64;
  private static final int MOST_RATINGS = 1_000;
  private static final int LONGEST_SPLIT = 128;

  /**
   * Reads a job's parameters.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}
   */
  static RatedParameters of(Struct struct) {
    return ParametersJson.read(struct, RatedParameters.class).checked();
  }

  /** As a job's parameters. */
  Struct struct() {
    return ParametersJson.write(this);
  }

  /**
   * The same, once every one of them may be so.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}
   */
  public RatedParameters checked() {
    if (dataset == null || !Names.isName(dataset)) {
      throw wrong("dataset", "dataset must be the name of a dataset: %s.".formatted(Names.RULE));
    }
    if (ensembles != null
        && (ensembles.isEmpty()
            || ensembles.size() > MOST_ENSEMBLES
            || !ensembles.stream().allMatch(Names::isName))) {
      throw wrong("ensembles", "ensembles must be 1 to %d names.".formatted(MOST_ENSEMBLES));
    }
    if (leastRatings != null && (leastRatings < 1 || leastRatings > MOST_RATINGS)) {
      throw wrong(
          "least_ratings",
          "least_ratings is %d; 1 to %d are allowed.".formatted(leastRatings, MOST_RATINGS));
    }
    if (split != null
        && (split.isEmpty()
            || split.length() > LONGEST_SPLIT
            || split.chars().anyMatch(Character::isISOControl))) {
      throw wrong(
          "split",
          "split must have 1 to %d characters, none of them a control character."
              .formatted(LONGEST_SPLIT));
    }
    time("from", from);
    time("to", to);
    return this;
  }

  /** The same with this body. */
  RatedParameters with(String body) {
    return new RatedParameters(dataset, body, ensembles, from, to, leastRatings, split, replace);
  }

  boolean replaces() {
    return replace != null && replace;
  }

  /** Reads lines as this job takes them. */
  QuestionParser parser() {
    return QuestionParser.ofDecisions(split == null ? "" : split);
  }

  /** Asks for those of these decisions that are rated. */
  ReadRatedDecisionsRequest request(List<String> decisions) {
    ReadRatedDecisionsRequest.Builder request =
        ReadRatedDecisionsRequest.newBuilder()
            .addAllDecisions(decisions)
            .setLeastRatings(leastRatings == null ? 1 : leastRatings);
    if (ensembles != null) {
      request.addAllEnsembles(ensembles);
    }
    time("from", from).ifPresent(request::setFrom);
    time("to", to).ifPresent(request::setTo);
    return request.build();
  }

  private static Optional<Timestamp> time(String field, String text) {
    try {
      return Optional.ofNullable(text)
          .map(its -> Timestamps.fromMillis(Instant.parse(its).toEpochMilli()));
    } catch (DateTimeParseException | ArithmeticException | IllegalArgumentException e) {
      throw wrong(field, "%s must be a time such as 2026-11-26T00:00:00Z.".formatted(field));
    }
  }

  private static RuntimeException wrong(String field, String message) {
    return Failure.invalid("parameters." + field, message);
  }
}
