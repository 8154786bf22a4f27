package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusedAnswer;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequestOrBuilder;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.kit.grpc.ContractJson;

/** What was made of the answers that a caller brought along. */
final class FusionJson {

  private FusionJson() {}

  /**
   * The response.
   *
   * @param question with its id, and the ensemble that was named, if one was
   */
  static ObjectNode of(GenerateRequestOrBuilder question, FuseResponse fused) {
    Completion completion = fused.getCompletion();
    boolean abstained = completion.getFinishReason() == FinishReason.FINISH_REASON_ABSTAIN;
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("object", "fusion")
            .put("id", question.getRequestId());
    if (question.hasName()) {
      json.put("model", question.getName());
    }
    json.put("chosen", fused.hasChosen() ? fused.getChosen() : null)
        .put("abstained", abstained)
        .put("member", completion.getAuthor().isEmpty() ? null : completion.getAuthor())
        .put("content", abstained ? null : completion.getText());
    if (completion.getToolCallsCount() > 0) {
      ArrayNode calls = json.putArray("tool_calls");
      for (ToolCall call : completion.getToolCallsList()) {
        ObjectNode its = calls.addObject().put("id", call.getId()).put("type", "function");
        its.putObject("function").put("name", call.getName()).put("arguments", call.getArguments());
      }
    }
    json.put(
        "agreement",
        completion.getSignals().hasAgreement() ? completion.getSignals().getAgreement() : null);
    json.put("reason", completion.getDecision().getExplanation());
    ArrayNode answers = json.putArray("answers");
    for (FusedAnswer answer : fused.getAnswersList()) {
      answers
          .addObject()
          .put("member", answer.getMember())
          .put("sample", answer.getSample())
          .put("answer", answer.hasAnswer() ? answer.getAnswer() : null)
          .put("weight", answer.hasWeight() ? answer.getWeight() : null)
          .put("score", answer.hasScore() ? answer.getScore() : null);
    }
    json.set("usage", ChatJson.usage(completion.getUsage()));
    json.putRawValue(
        "decision", new RawValue(decision(question.getRequestId(), completion.getDecision())));
    return json;
  }

  /** A decision under this id. */
  static String decision(String id, Decision decision) {
    return ContractJson.compact(decision.toBuilder().setId(id).build());
  }
}
