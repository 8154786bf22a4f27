package dev.tutti.fusion;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Episode.TextScore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a selector looks at beside the answers. Only what it declared is there, and of that only
 * what could be had.
 *
 * @param query embedding of the query, of unit length; empty where the query is
 * @param embeddings one an answer, of unit length; empty where the answer is
 * @param scores by the member that scored, with the role {@code judge} or {@code reward}: one an
 *     answer, empty where the answer is
 * @param signals one an answer, with its tokens' log-probabilities
 * @param schema that the answers are to satisfy; empty where the request names none
 */
public record Evidence(
    Optional<float[]> query,
    List<Optional<float[]>> embeddings,
    SequencedMap<String, List<Optional<TextScore>>> scores,
    List<AnswerSignals> signals,
    Optional<AnswerSchema> schema) {

  /** No evidence. */
  public static final Evidence NONE =
      new Evidence(Optional.empty(), List.of(), new LinkedHashMap<>(), List.of());

  /** Kinds of it. */
  public enum Kind {
    /** Sentence embedding of the query alone. */
    QUERY,
    /** Sentence embeddings of the query and of the answers. */
    EMBEDDINGS,
    /** Scores of the answers by the members that are there to judge. */
    SCORES,
    /** Log-probabilities of the answers' tokens. */
    LOGPROBS,
    /** The schema that the request names; known before anybody is asked. */
    SCHEMA
  }

  /** Of answers that are to satisfy no schema. */
  public Evidence(
      Optional<float[]> query,
      List<Optional<float[]>> embeddings,
      SequencedMap<String, List<Optional<TextScore>>> scores,
      List<AnswerSignals> signals) {
    this(query, embeddings, scores, signals, Optional.empty());
  }

  /** Nothing but a schema, if there is one. */
  public static Evidence of(Optional<AnswerSchema> schema) {
    return new Evidence(Optional.empty(), List.of(), new LinkedHashMap<>(), List.of(), schema);
  }

  /** Keeps its own lists. */
  public Evidence {
    embeddings = List.copyOf(embeddings);
    signals = List.copyOf(signals);
  }
}
