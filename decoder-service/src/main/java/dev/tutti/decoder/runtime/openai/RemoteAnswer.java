package dev.tutti.decoder.runtime.openai;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import dev.tutti.decoder.Turn;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Timing;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireData;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.kit.grpc.BiasKey;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.Usages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One answer of a model behind endpoints: the caller's own request and the endpoint's own answer,
 * byte by byte, where the request brings its wire form; messages and text otherwise, and where the
 * answer is wanted interpreted. Confined to one thread.
 */
public final class RemoteAnswer {

  private static final int LONGEST_BODY = 32 << 20;

  /** How endpoints fail that had taken the request: they have read the prompt at least. */
  private static final Set<String> AT_WORK =
      Set.of("ENDPOINT_CUT", "ENDPOINT_SILENT", "ENDPOINT_ANSWER_TOO_LARGE");

  private final EndpointCalls calls;
  private final RemoteModel model;
  private final GenerateRequest request;
  private final EventSink<GenerateResponse> sink;
  private final UsageBounds bounds;
  private final long start = System.nanoTime();
  private final List<Endpoint> tried = new ArrayList<>();
  private long firstToken = -1;
  private boolean spent;

  /**
   * An answer to a request.
   *
   * @param request held against the contract
   * @param sink gets everything but the completion
   */
  public RemoteAnswer(
      EndpointCalls calls,
      RemoteModel model,
      GenerateRequest request,
      EventSink<GenerateResponse> sink) {
    this.calls = calls;
    this.model = model;
    this.request = request;
    this.bounds = UsageBounds.of(request, model.registered());
    this.sink =
        event -> {
          if (firstToken < 0) {
            firstToken = System.nanoTime() - start;
          }
          sink.emit(event);
        };
  }

  /**
   * Answers.
   *
   * @param turns the conversation, for a request without wire form
   * @throws FailureException when no endpoint answers, or none whole; what was used by then was
   *     emitted
   */
  public Completion run(List<Turn> turns) {
    try {
      if (!request.hasWire()) {
        requireTokens();
        return text(ChatBody.of(model.remoteName(), turns, request.getSampling()));
      }
      if (request.getWire().getBody().size() > LONGEST_BODY) {
        throw Failure.invalid(
            "wire.body",
            "The body has %d bytes; at most %d are allowed."
                .formatted(request.getWire().getBody().size(), LONGEST_BODY));
      }
      byte[] given = request.getWire().getBody().toByteArray();
      if (request.getWire().getInterpreted()) {
        requireChat();
        requireTokens();
        return text(ChatBody.of(model.remoteName(), given, request.getSampling()));
      }
      var body = RequestBody.rewrite(given, model.remoteName());
      return body.stream() ? relay(body) : whole(body);
    } catch (EndpointException e) {
      if (!spent && !e.allowsAnother() && AT_WORK.contains(e.failure().reason())) {
        spent(e, new AnswerTotals().broken(bounds));
      }
      throw new FailureException(e.failure(), e);
    }
  }

  /** A raw prompt has no turns that an ensemble could work with. */
  private void requireChat() {
    if (form() != WireForm.WIRE_FORM_CHAT) {
      throw Failure.invalid(
          "wire.form", "Only a chat can be interpreted, not %s.".formatted(form()));
    }
  }

  /**
   * Endpoints know no texts in {@code logit_bias}; what its caller wrote itself is theirs to judge.
   */
  private void requireTokens() {
    for (String key : new TreeSet<>(request.getSampling().getLogitBiasMap().keySet())) {
      if (BiasKey.of(key) instanceof BiasKey.Text(String text)) {
        throw new Failure.InvalidArgument(
                "sampling.logit_bias",
                "BIAS_UNSUPPORTED",
                "logit_bias names the text '%s', but '%s' is behind an endpoint, which takes token ids only."
                    .formatted(text, model.registered().getName()))
            .exception();
      }
    }
  }

  private Completion text(OwnBody body) {
    var stream = new TextStream(sink);
    try {
      calls.stream(model, "/chat/completions", body, tried, stream);
    } catch (RuntimeException e) {
      spent(e, stream, stream.totals().broken(bounds));
      throw e;
    }
    Completion.Builder completion =
        completion(stream.totals(), stream.totals().usage(bounds))
            .setText(stream.text())
            .addAllToolCalls(stream.calls());
    // Some say that they stopped.
    if (completion.getToolCallsCount() > 0
        && completion.getFinishReason() == FinishReason.FINISH_REASON_STOP) {
      completion.setFinishReason(FinishReason.FINISH_REASON_TOOL_CALLS);
    }
    if (stream.isRefusal()) {
      // No empty answer, which would be as good as another.
      completion.setFinishReason(FinishReason.FINISH_REASON_CONTENT_FILTER);
    }
    return completion.build();
  }

  private Completion relay(RequestBody body) {
    boolean chat = form() == WireForm.WIRE_FORM_CHAT;
    var stream =
        new RelayStream(
            sink,
            body.usageAsked(),
            bounds,
            chat ? "chat.completion.chunk" : "text_completion",
            model.registered().getName());
    try {
      relay(body, chat, stream);
    } catch (RuntimeException e) {
      told(e, stream::fail);
      spent(e, stream, stream.usage());
      throw e;
    }
    stream.finish();
    return completion(stream.totals(), stream.usage()).build();
  }

  private void relay(RequestBody body, boolean chat, RelayStream stream) {
    try {
      calls.stream(model, path(), body, tried, stream);
    } catch (EndpointException e) {
      if (chat || !resumes(stream, body, e)) {
        throw e;
      }
    }
  }

  /** Whether an answer that broke off was brought to its end elsewhere. */
  private boolean resumes(RelayStream stream, RequestBody body, EndpointException broken) {
    // The same endpoint would read, and bill, all of it again.
    if (!stream.hasSpoken() || !broken.unwell() || !model.hasWellBeside(tried)) {
      return false;
    }
    Optional<byte[]> rest =
        Continuation.of(body.plain(), stream.text(), stream.usage().getCompletionTokens());
    if (rest.isEmpty()) {
      return false;
    }
    stream.resume();
    try {
      calls.stream(
          model, path(), RequestBody.rewrite(rest.get(), model.remoteName()), tried, stream);
      return true;
    } catch (EndpointException e) {
      return false;
    }
  }

  private Completion whole(RequestBody body) {
    AnswerTotals totals =
        calls.whole(
            model,
            path(),
            body,
            tried,
            (endpoint, answer, _) -> {
              var its = new AnswerTotals();
              Chunk chunk;
              try {
                chunk = ChunkReader.read(answer);
              } catch (IOException e) {
                throw EndpointFailures.malformed(endpoint, "it is no completion", e);
              }
              if (chunk.failed() || !chunk.hasChoices()) {
                throw EndpointFailures.malformed(endpoint, "it has no choices", null);
              }
              its.add(chunk);
              sink.emit(
                  GenerateResponse.newBuilder()
                      .setWire(
                          WireData.newBuilder()
                              .setData(ByteString.copyFrom(answer))
                              .setWrittenCharacters(its.written()))
                      .build());
              return its;
            });
    return completion(totals, totals.usage(bounds)).build();
  }

  /** Tells what a failed answer used, once it had said something. */
  private void spent(RuntimeException failure, RemoteStream stream, Usage usage) {
    if (stream.hasUsed()) {
      spent(failure, usage);
    }
  }

  private void spent(RuntimeException failure, Usage usage) {
    spent = true;
    used(usage);
    told(
        failure,
        () ->
            sink.emit(
                GenerateResponse.newBuilder()
                    .setSpent(Spent.newBuilder().setUsage(usage).setCostUsd(cost(usage)))
                    .build()));
  }

  /** Last words: a caller that has left does not take them, and the failure stays what it was. */
  private static void told(RuntimeException failure, Runnable words) {
    try {
      words.run();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** Counts it where the answer came from; of one that went on elsewhere, all of it there. */
  private void used(Usage usage) {
    tried.getLast().used(usage.getPromptTokens(), usage.getCompletionTokens());
  }

  private Completion.Builder completion(AnswerTotals totals, Usage usage) {
    used(usage);
    Timing.Builder timing =
        Timing.newBuilder().setTotal(Durations.fromNanos(System.nanoTime() - start));
    if (firstToken >= 0) {
      timing.setFirstToken(Durations.fromNanos(firstToken));
    }
    return Completion.newBuilder()
        .setFinishReason(totals.finishReason())
        .setAuthor(request.getMember().getModel())
        .setUsage(usage)
        .setCostUsd(cost(usage))
        .setTiming(timing)
        .setSignals(totals.signals());
  }

  private double cost(Usage usage) {
    return Usages.usd(request.getMember().getPrices(), usage);
  }

  private WireForm form() {
    return request.getWire().getForm();
  }

  private String path() {
    return switch (form()) {
      case WIRE_FORM_CHAT -> "/chat/completions";
      case WIRE_FORM_COMPLETION -> "/completions";
      case WIRE_FORM_UNSPECIFIED, UNRECOGNIZED ->
          throw Failure.invalid("wire.form", "A wire request needs a form: chat or completion.");
    };
  }
}
