package dev.tutti.decoder.answer;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.openai.EndpointCalls;
import dev.tutti.decoder.runtime.openai.RemoteAnswer;
import dev.tutti.decoder.runtime.openai.RemoteModel;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.runtime.peer.Peer;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.registry.v1.Model;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Answers as one model. */
@Singleton
public class ModelAnswer {

  private static final double DEFAULT_TEMPERATURE = 1;

  private final RemoteModels remote;
  private final EndpointCalls endpoints;
  private final ModelPool pool;
  private final Peers peers;
  private final SessionLimit limit;
  private final ComputeThreads threads;
  private final DecoderMetrics metrics;

  /** An answerer. */
  public ModelAnswer(
      RemoteModels remote,
      EndpointCalls endpoints,
      ModelPool pool,
      Peers peers,
      SessionLimit limit,
      ComputeThreads threads,
      DecoderMetrics metrics) {
    this.remote = remote;
    this.endpoints = endpoints;
    this.pool = pool;
    this.peers = peers;
    this.limit = limit;
    this.threads = threads;
    this.metrics = metrics;
  }

  /** Whether a model of this name is behind endpoints. */
  public boolean behindEndpoints(String name) {
    return remote.find(name).isPresent();
  }

  /**
   * Answers a request that names one model.
   *
   * @throws dev.tutti.kit.grpc.FailureException when it is unknown, not served, refuses the
   *     request, or fails
   */
  public void generate(GenerateRequest request, EventSink<GenerateResponse> sink) {
    Member member = request.getMember();
    if (!member.hasModel() || member.getModel().isEmpty()) {
      throw Failure.invalid(
          "member",
          "The member is no model; ensembles that are members are resolved by router-service.");
    }
    RequestRules.check(request);
    Optional<RemoteModel> behindEndpoints = remote.find(member.getModel());
    if (behindEndpoints.isPresent()) {
      ask(behindEndpoints.get(), request, sink);
      return;
    }
    RequestRules.requireInterpreted(request);
    Optional<Peer> elsewhere = peers.holding(pool.registered(member.getModel(), "member.model"));
    if (elsewhere.isPresent()) {
      elsewhere.get().generate(request, sink);
    } else {
      compute(request, sink);
    }
  }

  private void ask(RemoteModel model, GenerateRequest request, EventSink<GenerateResponse> sink) {
    requireGeneration(model.registered());
    EventSink<GenerateResponse> counting =
        event -> {
          if (event.hasSpent()) {
            Usage its = event.getSpent().getUsage();
            metrics.tokens(
                request.getMember().getModel(), its.getPromptTokens(), its.getCompletionTokens());
          }
          sink.emit(event);
        };
    Completion completion =
        new RemoteAnswer(endpoints, model, request, counting)
            .run(Wire.turns(request.getMessagesList()));
    metrics.answered(request.getMember().getModel(), completion);
    sink.emit(GenerateResponse.newBuilder().setCompletion(completion).build());
  }

  private void compute(GenerateRequest request, EventSink<GenerateResponse> sink) {
    Member member = request.getMember();
    try (var model = new AnswerMember.Local(pool.acquire(member.getModel(), "member.model"))) {
      requireGeneration(model.lease().registered());
      List<Turn> turns = Wire.turns(request.getMessagesList());
      model.requireMayFit(turns);
      try (SessionLimit.Permit permit = limit.acquire(1)) {
        Written written = threads.run(() -> write(model.prompt(turns), request, sink));
        Answer answer = written.answer();
        metrics.answered(member.getModel(), answer);
        metrics.tokens(member.getModel(), written.promptTokens(), answer.tokens());
        sink.emit(
            GenerateResponse.newBuilder()
                .setCompletion(completion(member, written.promptTokens(), permit, answer))
                .build());
      }
    }
  }

  private record Written(int promptTokens, Answer answer) {}

  private static Written write(
      TokenPrompt prompt, GenerateRequest request, EventSink<GenerateResponse> sink) {
    Sampling sampling = Wire.sampling(request.getSampling(), DEFAULT_TEMPERATURE, prompt.room());
    Tokenizer tokenizer = prompt.model().tokenizer();
    Wire.requireTokens(sampling, request.getMember().getModel(), tokenizer);
    var writing = new Writing(sampling, Wire.seed(request.getSampling()), List.of(), sink);
    try (DecodeSession session = prompt.open()) {
      return new Written(prompt.ids().length, writing.write(session, tokenizer, () -> true));
    }
  }

  private static void requireGeneration(Model model) {
    var capabilities = model.getCapabilitiesList();
    if (!capabilities.isEmpty() && !capabilities.contains(Capability.CAPABILITY_GENERATION)) {
      throw new Failure.FailedPrecondition(
              "member.model",
              "CAPABILITY_MISSING",
              "The model '%s' does not write text.".formatted(model.getName()))
          .exception();
    }
  }

  private static Completion completion(
      Member member, int promptTokens, SessionLimit.Permit permit, Answer answer) {
    return Completion.newBuilder()
        .setText(answer.text())
        .setFinishReason(Wire.finish(answer.finish()))
        .setAuthor(member.getModel())
        .setUsage(
            Usage.newBuilder().setPromptTokens(promptTokens).setCompletionTokens(answer.tokens()))
        .setCostUsd(Wire.cost(member.getPrices(), promptTokens, answer.tokens()))
        .setTiming(Wire.timing(permit.queued(), answer))
        .setSignals(Wire.signals(answer.signals()))
        .build();
  }
}
