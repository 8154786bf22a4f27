package dev.tutti.decoder.answer;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.PromptException;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.openai.RemoteModel;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.runtime.openai.RemoteScoring;
import dev.tutti.decoder.runtime.peer.Peer;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.decoder.v1.TextScore;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.registry.v1.Model;
import dev.tutti.type.v1.Capability;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;

/** Log-likelihood of given texts; the context is read once for all of them. */
@Singleton
public class TextScoring {

  private static final int MOST_TEXTS = 64;

  private final RemoteModels remote;
  private final RemoteScoring remoteScoring;
  private final ModelPool pool;
  private final Peers peers;
  private final SessionLimit limit;
  private final ComputeThreads threads;
  private final DecoderMetrics metrics;

  /** A scorer. */
  public TextScoring(
      RemoteModels remote,
      RemoteScoring remoteScoring,
      ModelPool pool,
      Peers peers,
      SessionLimit limit,
      ComputeThreads threads,
      DecoderMetrics metrics) {
    this.remote = remote;
    this.remoteScoring = remoteScoring;
    this.pool = pool;
    this.peers = peers;
    this.limit = limit;
    this.threads = threads;
    this.metrics = metrics;
  }

  /**
   * Scores.
   *
   * @throws FailureException when a text is refused, or the model fails
   */
  public ScoreResponse score(ScoreRequest request) {
    if (request.getTextsCount() < 1 || request.getTextsCount() > MOST_TEXTS) {
      throw Failure.invalid(
          "texts",
          "There are %d texts; 1 to %d are allowed."
              .formatted(request.getTextsCount(), MOST_TEXTS));
    }
    if (request.hasConversation()) {
      RequestRules.check(
          GenerateRequest.newBuilder()
              .addAllMessages(request.getConversation().getMessagesList())
              .build());
    }
    Optional<RemoteModel> behindEndpoints = remote.find(request.getModel());
    if (behindEndpoints.isPresent()) {
      requireScoring(behindEndpoints.get().registered());
      ScoreResponse response = remoteScoring.score(behindEndpoints.get(), request);
      metrics.tokens(request.getModel(), response.getPromptTokens(), request.getTextsCount());
      return response;
    }
    Optional<Peer> elsewhere = peers.holding(pool.registered(request.getModel(), "model"));
    if (elsewhere.isPresent()) {
      return elsewhere.get().score(request);
    }
    try (ModelPool.Lease lease = pool.acquire(request.getModel(), "model")) {
      requireScoring(lease.registered());
      requireMayFit(lease, request);
      try (var _ = limit.acquire(1)) {
        return threads.run(
            () -> {
              int[] context = context(lease.model(), request);
              try (DecodeSession session = lease.model().open()) {
                return score(lease, request, context, session);
              }
            });
      } catch (DecodeException e) {
        throw new FailureException(new Failure.Internal("MODEL_FAILED", e.getMessage()), e);
      }
    }
  }

  private static void requireScoring(Model model) {
    var capabilities = model.getCapabilitiesList();
    if (!capabilities.isEmpty() && !capabilities.contains(Capability.CAPABILITY_SCORING)) {
      throw new Failure.FailedPrecondition(
              "model",
              "CAPABILITY_MISSING",
              "The model '%s' does not score text.".formatted(model.getName()))
          .exception();
    }
  }

  /** Refuses by its length what cannot fit, before anything is cut into tokens. */
  private static void requireMayFit(ModelPool.Lease lease, ScoreRequest request) {
    LanguageModel model = lease.model();
    long context =
        read(
            () ->
                switch (request.getContextCase()) {
                  case CONVERSATION ->
                      model.leastTokens(Wire.turns(request.getConversation().getMessagesList()));
                  case PROMPT -> model.tokenizer().leastTokens(request.getPrompt());
                  case CONTEXT_NOT_SET -> 0L;
                });
    for (int i = 0; i < request.getTextsCount(); i++) {
      long least = context + model.tokenizer().leastTokens(request.getTexts(i));
      if (least > lease.contextLength()) {
        throw tooLong(lease, i, "at least " + least);
      }
    }
  }

  private static <T> T read(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (PromptException e) {
      throw Failure.invalid("conversation", e.getMessage());
    } catch (DecodeException e) {
      throw new FailureException(new Failure.Internal("MODEL_FAILED", e.getMessage()), e);
    }
  }

  private static FailureException tooLong(ModelPool.Lease lease, int text, String tokens) {
    return new Failure.InvalidArgument(
            "texts[%d]".formatted(text),
            "CONTEXT_LENGTH_EXCEEDED",
            "Context and text have %s tokens; '%s' holds %d."
                .formatted(tokens, lease.model().name(), lease.contextLength()))
        .exception();
  }

  private static int[] context(LanguageModel model, ScoreRequest request) {
    int[] context =
        read(
            () ->
                switch (request.getContextCase()) {
                  case CONVERSATION ->
                      model.prompt(Wire.turns(request.getConversation().getMessagesList()));
                  case PROMPT -> model.rawPrompt(request.getPrompt());
                  case CONTEXT_NOT_SET -> model.rawPrompt("");
                });
    if (context.length == 0) {
      throw Failure.invalid(
          "context",
          "'%s' has no begin token, so its first token has no probability: give a context."
              .formatted(model.name()));
    }
    return context;
  }

  private ScoreResponse score(
      ModelPool.Lease lease, ScoreRequest request, int[] context, DecodeSession session) {
    LanguageModel model = lease.model();
    ScoreResponse.Builder response = ScoreResponse.newBuilder();
    long read = 0;
    for (int i = 0; i < request.getTextsCount(); i++) {
      String text = request.getTexts(i);
      int[] tokens = model.tokenizer().encodeBehind(text).orElse(new int[0]);
      if (tokens.length == 0 && !text.isEmpty()) {
        throw Failure.invalid(
            "texts[%d]".formatted(i),
            "The text cannot be written in the tokens of '%s'.".formatted(model.name()));
      }
      int length = context.length + tokens.length;
      if (length > lease.contextLength()) {
        throw tooLong(lease, i, Integer.toString(length));
      }
      if (i == 0) {
        session.append(context);
      } else {
        session.rewind(context.length);
      }
      double[] logprobs = session.score(tokens);
      TextScore.Builder score = TextScore.newBuilder();
      double sum = 0;
      for (int t = 0; t < tokens.length; t++) {
        sum += logprobs[t];
        score.addTokens(Wire.token(model.tokenizer().bytes(tokens[t]), logprobs[t]));
      }
      response.addScores(score.setSumLogprob(sum));
      read += length;
    }
    metrics.tokens(model.name(), read, 0);
    return response.setPromptTokens(read).build();
  }
}
