package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.registry.v1.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage as endpoints tell it, and what is made of it. */
class UsageBoundsTest {

  /** 12 characters are 3 tokens, and an answer of 5 two. */
  private static final GenerateRequest REQUEST =
      GenerateRequest.newBuilder()
          .addMessages(Message.newBuilder().setContent("How are you?"))
          .setWire(WireRequest.newBuilder().setBody(ByteString.copyFromUtf8("x".repeat(60))))
          .build();

  private static final Model UNKNOWN_CONTEXT = Model.getDefaultInstance();

  private static Usage usage(UsageBounds bounds, String told) {
    var totals = new AnswerTotals();
    totals.add(
        chunk(
            """
            {"choices": [{"index": 0, "message": {"content": "Right"}, "finish_reason": "stop"}],
             "usage": %s}"""
                .formatted(told)));
    return totals.usage(bounds);
  }

  private static Chunk chunk(String json) {
    try {
      return ChunkReader.read(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(json, e);
    }
  }

  private static Usage usage(String told) {
    return usage(UsageBounds.of(REQUEST, UNKNOWN_CONTEXT), told);
  }

  private static void assertEstimated(Usage usage) {
    assertTrue(usage.getEstimated());
    assertEquals(3, usage.getPromptTokens());
    assertEquals(2, usage.getCompletionTokens());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "7",
        "{\"prompt_tokens\": -1, \"completion_tokens\": -5}",
        "{\"prompt_tokens\": 7.5, \"completion_tokens\": 1.5}",
        "{\"prompt_tokens\": 1e300, \"completion_tokens\": 99999999999999999999999}",
        "{\"prompt_tokens\": 9223372036854775807, \"completion_tokens\": 9223372036854775807}",
        "{\"prompt_tokens\": \"7\", \"completion_tokens\": [5]}",
        "{\"prompt_tokens\": 1000000000000, \"completion_tokens\": 1000000000000}",
        // 60 bytes and a template are not 5,000 tokens, nor is "Right" 200,000.
        "{\"prompt_tokens\": 5000, \"completion_tokens\": 200000}",
        "{\"prompt_tokens\": 0, \"completion_tokens\": 0}"
      })
  void whatCannotBeIsEstimated(String told) {
    assertEstimated(usage(told));
  }

  @Test
  void whatCanBeIsTheEndpointsWord() {
    Usage usage =
        usage(
            """
            {"prompt_tokens": 40.0, "completion_tokens": 905, "total_tokens": -3,
             "prompt_tokens_details": {"cached_tokens": 32, "audio_tokens": 2},
             "completion_tokens_details": {"reasoning_tokens": 900, "audio_tokens": 1}}""");
    assertFalse(usage.getEstimated());
    assertEquals(40, usage.getPromptTokens());
    assertEquals(905, usage.getCompletionTokens());
    assertEquals(32, usage.getCachedPromptTokens());
    assertEquals(2, usage.getAudioPromptTokens());
    assertEquals(900, usage.getReasoningTokens());
    assertEquals(1, usage.getAudioCompletionTokens());
  }

  @Test
  void eachIsHeldAgainstItsOwn() {
    Usage usage = usage("{\"prompt_tokens\": 7, \"completion_tokens\": 1e12}");
    assertTrue(usage.getEstimated());
    assertEquals(7, usage.getPromptTokens());
    assertEquals(2, usage.getCompletionTokens());
    usage =
        usage(
            "{\"prompt_tokens\": 7, \"completion_tokens\": 2, \"prompt_tokens_details\": {\"cached_tokens\": 8},"
                + " \"completion_tokens_details\": {\"reasoning_tokens\": -2}}");
    assertTrue(usage.getEstimated(), "more from the cache than was read");
    assertEquals(7, usage.getPromptTokens());
    assertEquals(0, usage.getCachedPromptTokens());
    assertEquals(0, usage.getReasoningTokens());
  }

  @Test
  void reasoningMayBeLongerThanTheTextAndMaxTokensLimitsTheRest() {
    var limited =
        UsageBounds.of(
            REQUEST.toBuilder().setSampling(Sampling.newBuilder().setMaxTokens(10)).build(),
            UNKNOWN_CONTEXT);
    assertEquals(
        910,
        usage(
                limited,
                "{\"prompt_tokens\": 7, \"completion_tokens\": 910, \"completion_tokens_details\": {\"reasoning_tokens\": 900}}")
            .getCompletionTokens());
    assertEstimated(usage(limited, "{\"prompt_tokens\": -7, \"completion_tokens\": 910}"));
    // Where its length is told, what is left is held against the text.
    assertEstimated(
        usage(
            "{\"prompt_tokens\": -7, \"completion_tokens\": 910, \"completion_tokens_details\": {\"reasoning_tokens\": 9}}"));
  }

  @Test
  void nothingIsLongerThanTheContext() {
    var bounds = UsageBounds.of(REQUEST, Model.newBuilder().setContextLength(50).build());
    assertEstimated(usage(bounds, "{\"prompt_tokens\": 51, \"completion_tokens\": 51}"));
    assertFalse(usage(bounds, "{\"prompt_tokens\": 40, \"completion_tokens\": 10}").getEstimated());
  }

  @Test
  void aPictureIsMoreTokensThanItsAddressHasBytes() {
    var picture =
        UsageBounds.of(
            REQUEST.toBuilder()
                .setWire(
                    REQUEST.getWire().toBuilder().setUninterpreted("messages[0].content[1].type"))
                .build(),
            UNKNOWN_CONTEXT);
    assertFalse(
        usage(picture, "{\"prompt_tokens\": 25000, \"completion_tokens\": 2}").getEstimated());
    assertEstimated(usage(picture, "{\"prompt_tokens\": 1e9, \"completion_tokens\": 1e9}"));
  }

  private static GenerateRequest chat(String body) {
    return REQUEST.toBuilder()
        .setWire(
            WireRequest.newBuilder()
                .setForm(WireForm.WIRE_FORM_CHAT)
                .setUninterpreted("tools")
                .setBody(ByteString.copyFromUtf8(body)))
        .build();
  }

  @Test
  void fieldsThatNobodyInterpretsAreBytesOfThePromptAtMost() {
    String many = "{\"prompt_tokens\": 9000, \"completion_tokens\": 2}";
    assertTrue(
        usage(
                UsageBounds.of(
                    chat("{\"top_k\":-1,\"tools\":[{}],\"messages\":[{\"content\":\"a\"}]}"),
                    UNKNOWN_CONTEXT),
                many)
            .getEstimated());
    assertFalse(
        usage(
                UsageBounds.of(
                    chat("{\"messages\":[{\"content\":[{\"type\":\"image_url\"}]}]}"),
                    UNKNOWN_CONTEXT),
                many)
            .getEstimated());
  }

  @Test
  void severalChoicesMayHaveAsManyTokensEach() {
    var limited =
        UsageBounds.of(
            REQUEST.toBuilder().setSampling(Sampling.newBuilder().setMaxTokens(100)).build(),
            UNKNOWN_CONTEXT);
    var totals = new AnswerTotals();
    totals.add(
        chunk(
            """
            {"choices": [{"index": 0, "text": "a", "finish_reason": "stop"},
                         {"index": 1, "text": "b", "finish_reason": "stop"}],
             "usage": {"prompt_tokens": 7, "completion_tokens": 200}}"""));
    assertEquals(200, totals.usage(limited).getCompletionTokens());
    assertFalse(totals.usage(limited).getEstimated());
  }

  @Test
  void aBrokenAnswerIsAsLongAsWhatArrived() {
    var totals = new AnswerTotals();
    totals.add(
        chunk(
            """
            {"choices": [{"index": 0, "delta": {"content": "Four characters a token."}}],
             "usage": {"prompt_tokens": 7, "completion_tokens": 1}}"""));
    Usage usage = totals.broken(UsageBounds.of(REQUEST, UNKNOWN_CONTEXT));
    assertEquals(7, usage.getPromptTokens());
    assertEquals(6, usage.getCompletionTokens());
    assertTrue(usage.getEstimated());
  }
}
