package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.decoder.v1.TextScore;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Log-likelihood of texts by an endpoint that repeats its prompt with log-probabilities
 * (completions with {@code echo}). Thread-safe.
 */
public final class RemoteScoring {

  private final EndpointCalls calls;

  /** Scores through these calls. */
  public RemoteScoring(EndpointCalls calls) {
    this.calls = calls;
  }

  /**
   * Scores.
   *
   * @param request with a prompt, or no context; a conversation has no raw form here
   * @throws FailureException when the endpoint does not, or the text shares a token with its
   *     context
   */
  public ScoreResponse score(RemoteModel model, ScoreRequest request) {
    if (request.hasConversation()) {
      throw new Failure.FailedPrecondition(
              "conversation",
              "CAPABILITY_MISSING",
              "The model '%s' is behind an endpoint and scores after a prompt only: how it writes conversations is not known here."
                  .formatted(model.registered().getName()))
          .exception();
    }
    ScoreResponse.Builder response = ScoreResponse.newBuilder();
    long read = 0;
    try {
      for (int i = 0; i < request.getTextsCount(); i++) {
        String text = request.getTexts(i);
        OwnBody body = body(model.remoteName(), request.getPrompt() + text);
        var tried = new ArrayList<Endpoint>();
        Chunk chunk = calls.whole(model, "/completions", body, tried, RemoteScoring::completion);
        response.addScores(score(text, chunk, "texts[%d]".formatted(i)));
        Usage usage =
            UsageBounds.of(text.length(), body.length(), 1)
                .checked(chunk.usage(), 1, chunk.written(), 1);
        long its = usage.getEstimated() ? chunk.tokens().size() - 1 : usage.getPromptTokens();
        tried.getLast().used(its, 1);
        read += its;
      }
    } catch (EndpointException e) {
      throw new FailureException(e.failure(), e);
    }
    return response.setPromptTokens(read).build();
  }

  /** A request for a prompt's own log-probabilities; one token more comes with them. */
  static OwnBody body(String model, String prompt) {
    return new OwnBody(
        JsonNodeFactory.instance
            .objectNode()
            .put("model", model)
            .put("prompt", prompt)
            .put("max_tokens", 1)
            .put("temperature", 0)
            .put("logprobs", 1)
            .put("echo", true),
        Set.of("temperature"));
  }

  static Chunk completion(String endpoint, byte[] answer, Credential key) {
    try {
      Chunk chunk = ChunkReader.read(answer);
      if (chunk.failed() || !chunk.hasChoices()) {
        throw EndpointFailures.malformed(endpoint, "it has no choices", null);
      }
      return chunk;
    } catch (IOException e) {
      throw EndpointFailures.malformed(endpoint, "it is no completion", e);
    }
  }

  /** The tokens of the text are the last ones before the one that was generated. */
  private static TextScore score(String text, Chunk chunk, String field) {
    List<Chunk.Token> tokens = chunk.tokens();
    int end = tokens.size() - 1;
    int from = end;
    int missing = text.length();
    while (from > 0 && missing > 0) {
      from--;
      missing -= tokens.get(from).text().length();
    }
    if (missing != 0) {
      throw Failure.invalid(
          field, "The text shares a token with its context, so it has no probability of its own.");
    }
    TextScore.Builder score = TextScore.newBuilder();
    double sum = 0;
    for (Chunk.Token token : tokens.subList(from, end)) {
      if (Double.isNaN(token.logprob())) {
        throw Failure.invalid(
            field, "The first token of a text has no probability: give a context.");
      }
      sum += Math.min(0, token.logprob());
      score.addTokens(TextStream.logprob(token));
    }
    return score.setSumLogprob(sum).build();
  }
}
