package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.testing.ScriptedGeneration;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

class GenerationTraceTest {

  private static final String SECRET = "Where is the treasure?";
  private static final String TOLD = "Below the oak.";

  private final List<GenerateResponse> passed = new ArrayList<>();

  private Attributes traced(boolean content) {
    var request = GenerateRequest.newBuilder().setRequestId("r-1").setName("vote");
    request.addMessagesBuilder().setRole(Role.ROLE_USER).setContent(SECRET);
    request.getSamplingBuilder().setTemperature(0.5).setMaxTokens(7);
    var completion = ScriptedGeneration.completion("anna", TOLD);
    completion
        .getCompletionBuilder()
        .setFinishReason(FinishReason.FINISH_REASON_LENGTH)
        .getDecisionBuilder()
        .addCandidatesBuilder()
        .setMember("anna")
        .setChosen(true);
    completion.getCompletionBuilder().getUsageBuilder().setPromptTokens(3).setCompletionTokens(5);
    try (var provider = SdkTracerProvider.builder().build()) {
      Span span = provider.get("test").spanBuilder("call").startSpan();
      try (var _ = span.makeCurrent()) {
        EventSink<GenerateResponse> sink =
            GenerationTrace.of(
                request.build(), "vote", GenerationTrace.TUTTI, passed::add, content);
        sink.emit(ScriptedGeneration.delta(TOLD));
        sink.emit(completion.build());
      }
      return ((ReadableSpan) span).getAttributes();
    }
  }

  @Test
  void aSpanSaysWhoWasAskedWhoAnsweredAndWhatItUsed() {
    Attributes attributes = traced(false);
    assertEquals("chat", text(attributes, "operation.name"));
    assertEquals("tutti", text(attributes, "provider.name"));
    assertEquals("vote", text(attributes, "request.model"));
    assertEquals("anna", text(attributes, "response.model"));
    assertEquals(0.5, attributes.get(AttributeKey.doubleKey("gen_ai.request.temperature")));
    assertEquals(7, attributes.get(AttributeKey.longKey("gen_ai.request.max_tokens")));
    assertEquals(3, attributes.get(AttributeKey.longKey("gen_ai.usage.input_tokens")));
    assertEquals(5, attributes.get(AttributeKey.longKey("gen_ai.usage.output_tokens")));
    assertEquals(
        List.of("length"),
        attributes.get(AttributeKey.stringArrayKey("gen_ai.response.finish_reasons")));
    assertEquals(2, passed.size());
    assertEquals("r-1", MDC.get(GenerationTrace.REQUEST_ID));
  }

  @Test
  void contentIsInItOnlyWhereItIsSwitchedOn() {
    String without = traced(false).asMap().values().toString();
    assertFalse(without.contains(SECRET) || without.contains(TOLD), without);
    Attributes with = traced(true);
    assertTrue(text(with, "input.messages").contains(SECRET), with.toString());
    assertTrue(text(with, "output.messages").contains(TOLD), with.toString());
  }

  private static String text(Attributes attributes, String name) {
    return attributes.get(AttributeKey.stringKey("gen_ai." + name));
  }
}
