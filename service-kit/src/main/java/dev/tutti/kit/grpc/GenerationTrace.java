package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.MDC;

/**
 * What logs and traces tell of a generation: the request's id in every line of the log, and
 * OpenTelemetry's GenAI attributes on the span of the call. What was said is in them only where
 * {@value #CONTENT} is true.
 */
public final class GenerationTrace {

  /** Setting that puts messages and answers into spans; default false. */
  public static final String CONTENT = "tutti.traces.content";

  /** Field of the log that holds the id of the request. */
  public static final String REQUEST_ID = "requestId";

  /** Provider of what this platform answers by itself. */
  public static final String TUTTI = "tutti";

  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("gen_ai.operation.name");
  private static final AttributeKey<String> PROVIDER =
      AttributeKey.stringKey("gen_ai.provider.name");
  private static final AttributeKey<String> REQUEST_MODEL =
      AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<Double> TEMPERATURE =
      AttributeKey.doubleKey("gen_ai.request.temperature");
  private static final AttributeKey<Double> TOP_P = AttributeKey.doubleKey("gen_ai.request.top_p");
  private static final AttributeKey<Long> MAX_TOKENS =
      AttributeKey.longKey("gen_ai.request.max_tokens");
  private static final AttributeKey<String> RESPONSE_ID =
      AttributeKey.stringKey("gen_ai.response.id");
  private static final AttributeKey<String> RESPONSE_MODEL =
      AttributeKey.stringKey("gen_ai.response.model");
  private static final AttributeKey<List<String>> FINISH_REASONS =
      AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");
  private static final AttributeKey<Long> INPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.input_tokens");
  private static final AttributeKey<Long> OUTPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.output_tokens");
  private static final AttributeKey<String> INPUT = AttributeKey.stringKey("gen_ai.input.messages");
  private static final AttributeKey<String> OUTPUT =
      AttributeKey.stringKey("gen_ai.output.messages");

  private static final boolean WITH_CONTENT =
      ConfigProvider.getConfig().getOptionalValue(CONTENT, Boolean.class).orElse(false);

  private GenerationTrace() {}

  /**
   * Tells of a request, and of its answer as it passes.
   *
   * @param model name of the model or ensemble that is asked
   * @param provider who answers, e.g. {@code openai}, {@value #TUTTI}
   * @param sink of the answer
   * @return the sink to answer into
   */
  public static EventSink<GenerateResponse> of(
      GenerateRequest request, String model, String provider, EventSink<GenerateResponse> sink) {
    return of(request, model, provider, sink, WITH_CONTENT);
  }

  static EventSink<GenerateResponse> of(
      GenerateRequest request,
      String model,
      String provider,
      EventSink<GenerateResponse> sink,
      boolean content) {
    MDC.put(REQUEST_ID, request.getRequestId());
    Span span = Span.current();
    if (!span.isRecording()) {
      return sink;
    }
    asked(span, request, model, provider);
    if (content) {
      span.setAttribute(INPUT, messages(request.getMessagesList()).encode());
    }
    var said = new StringBuilder();
    return event -> {
      if (content && event.hasDelta()) {
        said.append(event.getDelta().getText());
      } else if (content && event.hasWire()) {
        said.append(event.getWire().getData().toStringUtf8());
      }
      if (event.hasCompletion()) {
        answered(span, event.getCompletion(), model);
        if (content) {
          span.setAttribute(OUTPUT, answer(said, event.getCompletion()).encode());
        }
      }
      sink.emit(event);
    };
  }

  private static void asked(Span span, GenerateRequest request, String model, String provider) {
    Sampling sampling = request.getSampling();
    span.setAttribute(OPERATION, "chat");
    span.setAttribute(PROVIDER, provider);
    span.setAttribute(REQUEST_MODEL, model);
    span.setAttribute(RESPONSE_ID, request.getRequestId());
    if (sampling.hasTemperature()) {
      span.setAttribute(TEMPERATURE, sampling.getTemperature());
    }
    if (sampling.hasTopP()) {
      span.setAttribute(TOP_P, sampling.getTopP());
    }
    if (sampling.hasMaxTokens()) {
      span.setAttribute(MAX_TOKENS, (long) sampling.getMaxTokens());
    }
  }

  private static void answered(Span span, Completion completion, String model) {
    span.setAttribute(RESPONSE_MODEL, author(completion, model));
    span.setAttribute(FINISH_REASONS, List.of(finish(completion)));
    span.setAttribute(INPUT_TOKENS, completion.getUsage().getPromptTokens());
    span.setAttribute(OUTPUT_TOKENS, completion.getUsage().getCompletionTokens());
  }

  /** Who wrote the answer, where it is one of several. */
  private static String author(Completion completion, String model) {
    return completion.getDecision().getCandidatesList().stream()
        .filter(Candidate::getChosen)
        .map(Candidate::getMember)
        .findFirst()
        .orElse(model);
  }

  private static String finish(Completion completion) {
    return completion
        .getFinishReason()
        .name()
        .replaceFirst("^FINISH_REASON_", "")
        .toLowerCase(Locale.ROOT);
  }

  private static JsonArray messages(List<Message> messages) {
    var array = new JsonArray();
    for (Message message : messages) {
      String role = message.getRole().name().replaceFirst("^ROLE_", "").toLowerCase(Locale.ROOT);
      array.add(message(role, message.getContent()));
    }
    return array;
  }

  private static JsonArray answer(CharSequence text, Completion completion) {
    return new JsonArray()
        .add(message("assistant", text.toString()).put("finish_reason", finish(completion)));
  }

  private static JsonObject message(String role, String text) {
    return new JsonObject()
        .put("role", role)
        .put(
            "parts",
            new JsonArray().add(new JsonObject().put("type", "text").put("content", text)));
  }
}
