package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.cascade.v1.DecidedAnswer;
import dev.tutti.cascade.v1.WantedCall;
import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.GenerateRequestOrBuilder;
import dev.tutti.generation.v1.Message;
import java.util.Locale;

/** What a cascade does with the answers that a caller brought along. */
final class DecideJson {

  private DecideJson() {}

  /**
   * The response.
   *
   * @param question with its id, and the ensemble that was named, if one was
   */
  static ObjectNode of(GenerateRequestOrBuilder question, DecideResponse decided) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("object", "deferral")
            .put("id", question.getRequestId());
    if (question.hasName()) {
      json.put("model", question.getName());
    }
    json.put("verdict", name(decided.getVerdict(), "VERDICT_"))
        .put("chosen", decided.hasChosen() ? decided.getChosen() : null)
        .put(
            "member",
            decided.hasChosen() ? decided.getAnswers(decided.getChosen()).getMember() : null)
        .put("confidence", decided.hasConfidence() ? decided.getConfidence() : null)
        .put("threshold", decided.hasThreshold() ? decided.getThreshold() : null)
        .put("reason", decided.getDecision().getExplanation());
    ArrayNode wanted = json.putArray("wanted");
    decided.getWantedList().forEach(call -> wanted.add(wanted(call)));
    ArrayNode answers = json.putArray("answers");
    for (DecidedAnswer answer : decided.getAnswersList()) {
      answers
          .addObject()
          .put("member", answer.getMember())
          .put("seen", answer.getSeen())
          .put("confidence", answer.hasConfidence() ? answer.getConfidence() : null)
          .put("threshold", answer.hasThreshold() ? answer.getThreshold() : null);
    }
    json.putRawValue(
        "decision",
        new RawValue(FusionJson.decision(question.getRequestId(), decided.getDecision())));
    return json;
  }

  private static ObjectNode wanted(WantedCall call) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("member", call.getMember())
            .put("kind", name(call.getKind(), "CALL_KIND_"))
            .put("samples", call.getSamples());
    if (!call.getPurpose().isEmpty()) {
      json.put("purpose", call.getPurpose());
    }
    if (call.getMessagesCount() > 0) {
      ArrayNode messages = json.putArray("messages");
      for (Message message : call.getMessagesList()) {
        messages
            .addObject()
            .put("role", name(message.getRole(), "ROLE_"))
            .put("content", message.getContent());
      }
    }
    if (call.getSampling().hasTemperature()) {
      json.put("temperature", call.getSampling().getTemperature());
    }
    if (call.getSampling().hasMaxTokens()) {
      json.put("max_tokens", call.getSampling().getMaxTokens());
    }
    if (call.getKind() != CallKind.CALL_KIND_GENERATE) {
      ArrayNode texts = json.putArray("texts");
      call.getTextsList().forEach(texts::add);
    }
    return json;
  }

  private static String name(Enum<?> value, String prefix) {
    return value.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
  }
}
