package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import org.junit.jupiter.api.Test;

class PromptSizeTest {

  private static GenerateRequest request(String uninterpreted, String body) {
    return GenerateRequest.newBuilder()
        .addMessages(Message.newBuilder().setContent("Hi"))
        .setWire(
            WireRequest.newBuilder()
                .setForm(WireForm.WIRE_FORM_CHAT)
                .setUninterpreted(uninterpreted)
                .setBody(ByteString.copyFromUtf8(body)))
        .build();
  }

  private static PromptSize size(String body) {
    return PromptSize.of(request("x", body));
  }

  @Test
  void messagesTellUnlessTheBodyHoldsMore() {
    String body = "{\"messages\":[{\"content\":\"12345\"}]}";
    assertEquals(new PromptSize(2, 1, true), PromptSize.of(request("", body)));
    assertEquals(new PromptSize(5, 1, true), size(body));
    assertEquals(new PromptSize(2, 1, true), size("{}"));
    GenerateRequest raw = request("prompt", body);
    assertEquals(
        new PromptSize(2, 1, true),
        PromptSize.of(
            raw.toBuilder()
                .setWire(raw.getWire().toBuilder().setForm(WireForm.WIRE_FORM_COMPLETION))
                .build()));
    assertFalse(size("[]").textOnly());
    assertFalse(size("{\"messages\":[").textOnly());
  }

  @Test
  void toolsAreText() {
    assertEquals(
        new PromptSize(3 + 4 + 4 + 2 + 1 + 3, 2, true),
        size(
            """
            {"top_k": -1, "tools": [{"abc": "defg"}],
             "messages": [
              {"role": "assistant", "content": null, "tool_calls": [{"name": "ab"}]},
              {"role": "tool", "content": [{"type": "text", "text": "c"}, {"text": "def"}]}]}"""));
  }

  @Test
  void aPictureCountsAsOneWhateverItsAddress() {
    for (String part :
        new String[] {
          "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}"
              .formatted("A".repeat(100_000)),
          "{\"input_audio\":{\"data\":\"A\"},\"type\":\"input_audio\"}",
          "{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}"
        }) {
      assertEquals(
          new PromptSize(PromptSize.FILE_CHARACTERS + 5, 1, false),
          size(
              "{\"messages\":[{\"content\":[%s,{\"type\":\"text\",\"text\":\"12345\"}]}]}"
                  .formatted(part)));
    }
    assertFalse(size("{\"messages\":[{\"audio\":{\"id\":\"a\"}}]}").textOnly());
  }
}
