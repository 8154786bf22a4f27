package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.Choice;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.KeptAnswer;
import dev.tutti.generation.v1.MemberOpinion;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** One answer in OpenAI's form: whole, or chunk by chunk. Confined to one thread. */
final class ChatJson {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final double IMPOSSIBLE = -9999;
  private static final String REFUSAL =
      "The ensemble abstained: none of its members was sure enough of an answer.";

  private final String id;
  private final ChatRequest request;
  private final long created = Instant.now().getEpochSecond();
  private boolean begun;

  ChatJson(String id, ChatRequest request) {
    this.id = "chatcmpl-" + id;
    this.request = request;
  }

  /**
   * The whole answer.
   *
   * @param logprobs by choice
   */
  ObjectNode whole(Completion completion, Map<Integer, List<TokenLogprob>> logprobs) {
    ObjectNode answer = envelope("chat.completion");
    ArrayNode choices = answer.putArray("choices");
    for (Choice its : choices(completion)) {
      int index = choices.size();
      ObjectNode choice = choices.addObject().put("index", index);
      boolean onlyCalls = its.getText().isEmpty() && its.getToolCallsCount() > 0;
      ObjectNode message =
          choice
              .putObject("message")
              .put("role", "assistant")
              .put("content", onlyCalls ? null : its.getText())
              .put("refusal", isAbstention(its) ? REFUSAL : null);
      if (its.getToolCallsCount() > 0) {
        setCalls(message, its.getToolCallsList(), false);
      }
      setLogprobs(choice, logprobs.getOrDefault(index, List.of()));
      choice.put("finish_reason", finishReason(its));
    }
    answer.set("usage", usage(completion.getUsage()));
    setCache(answer, completion);
    return answer;
  }

  /** The first chunks: who speaks, of each choice; none once they have been taken. */
  List<ObjectNode> first() {
    var chunks = new ArrayList<ObjectNode>();
    if (begun) {
      return chunks;
    }
    begun = true;
    for (int i = 0; i < request.choices(); i++) {
      ObjectNode chunk = chunk();
      ObjectNode choice = choice(chunk, i);
      choice.putObject("delta").put("role", "assistant").put("content", "");
      choice.putNull("logprobs").putNull("finish_reason");
      chunks.add(chunk);
    }
    return chunks;
  }

  /** A piece of text. */
  ObjectNode delta(TextDelta delta) {
    ObjectNode chunk = chunk();
    ObjectNode choice = choice(chunk, delta.getChoice());
    choice.putObject("delta").put("content", delta.getText());
    setLogprobs(choice, delta.getLogprobsList());
    choice.putNull("finish_reason");
    return chunk;
  }

  /** The chunks that tell the calls of tools, one a choice that has any. */
  List<ObjectNode> calls(Completion completion) {
    var chunks = new ArrayList<ObjectNode>();
    List<Choice> choices = choices(completion);
    for (int i = 0; i < choices.size(); i++) {
      if (choices.get(i).getToolCallsCount() > 0) {
        ObjectNode chunk = chunk();
        ObjectNode choice = choice(chunk, i);
        setCalls(choice.putObject("delta"), choices.get(i).getToolCallsList(), true);
        choice.putNull("logprobs").putNull("finish_reason");
        chunks.add(chunk);
      }
    }
    return chunks;
  }

  private static void setCalls(ObjectNode message, List<ToolCall> calls, boolean numbered) {
    ArrayNode told = message.putArray("tool_calls");
    for (ToolCall call : calls) {
      ObjectNode its = told.addObject();
      if (numbered) {
        its.put("index", told.size() - 1);
      }
      its.put("id", call.getId().isEmpty() ? drawnId() : call.getId()).put("type", "function");
      its.putObject("function").put("name", call.getName()).put("arguments", call.getArguments());
    }
  }

  /** Results of tools are told by these ids, and some endpoints give none. */
  private static String drawnId() {
    return "call_" + UUID.randomUUID();
  }

  /** The chunks after the last piece: why each choice ended. */
  List<ObjectNode> last(Completion completion) {
    var chunks = new ArrayList<ObjectNode>();
    for (Choice its : choices(completion)) {
      ObjectNode chunk = chunk();
      ObjectNode choice = choice(chunk, chunks.size());
      ObjectNode delta = choice.putObject("delta");
      if (isAbstention(its)) {
        delta.put("refusal", REFUSAL);
      }
      choice.putNull("logprobs").put("finish_reason", finishReason(its));
      setCache(chunk, completion);
      chunks.add(chunk);
    }
    return chunks;
  }

  /** That the answer was kept before, and is given again: a field of ours beside OpenAI's. */
  private static void setCache(ObjectNode answer, Completion completion) {
    KeptAnswer kept = completion.getDecision().getCache();
    String hit =
        switch (kept.getOutcome()) {
          case CACHE_OUTCOME_EXACT -> "exact";
          case CACHE_OUTCOME_SEMANTIC -> "semantic";
          case CACHE_OUTCOME_KEPT, CACHE_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> "";
        };
    if (!hit.isEmpty()) {
      answer
          .putObject("tutti")
          .putObject("cache")
          .put("hit", hit)
          .put("similarity", kept.getSimilarity())
          .put("created", kept.getTime().getSeconds())
          .put("decision", kept.getRequestId());
    }
  }

  /** The chunk that tells the usage, and nothing else. */
  ObjectNode usageOnly(Completion completion) {
    ObjectNode chunk = chunk();
    chunk.putArray("choices");
    chunk.set("usage", usage(completion.getUsage()));
    return chunk;
  }

  private ObjectNode chunk() {
    ObjectNode chunk = envelope("chat.completion.chunk");
    if (request.includeUsage()) {
      chunk.putNull("usage");
    }
    return chunk;
  }

  private ObjectNode envelope(String object) {
    return JSON.objectNode()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", request.model());
  }

  /** The only choice of a completion is the completion itself. */
  private static List<Choice> choices(Completion completion) {
    return completion.getChoicesCount() > 0
        ? completion.getChoicesList()
        : List.of(
            Choice.newBuilder()
                .setText(completion.getText())
                .setFinishReason(completion.getFinishReason())
                .addAllToolCalls(completion.getToolCallsList())
                .build());
  }

  private static boolean isAbstention(Choice choice) {
    return choice.getFinishReason() == FinishReason.FINISH_REASON_ABSTAIN;
  }

  private static ObjectNode choice(ObjectNode answer, int index) {
    return answer.putArray("choices").addObject().put("index", index);
  }

  private void setLogprobs(ObjectNode choice, List<TokenLogprob> logprobs) {
    if (!request.sampling().getLogprobs()) {
      choice.putNull("logprobs");
      return;
    }
    ObjectNode node = choice.putObject("logprobs");
    ArrayNode content = node.putArray("content");
    for (TokenLogprob token : logprobs) {
      ObjectNode entry = content.addObject();
      set(entry, token.getToken(), token.getLogprob(), token.getBytes());
      ArrayNode top = entry.putArray("top_logprobs");
      for (TokenAlternative other : token.getTopList()) {
        set(top.addObject(), other.getToken(), other.getLogprob(), other.getBytes());
      }
      if (token.getMembersCount() > 0) {
        setOpinions(entry.putObject("tutti").putArray("members"), token.getMembersList());
      }
    }
    node.putNull("refusal");
  }

  /** What each member of an ensemble thought of a token: a field of ours beside OpenAI's. */
  private static void setOpinions(ArrayNode members, List<MemberOpinion> opinions) {
    for (MemberOpinion opinion : opinions) {
      ObjectNode its = members.addObject().put("member", opinion.getMember());
      its.put("weight", opinion.getWeight());
      its.put("logprob", opinion.hasLogprob() ? opinion.getLogprob() : IMPOSSIBLE);
      its.put("favourite", opinion.getFavourite());
      if (opinion.hasReward()) {
        its.put("reward", opinion.getReward());
      }
      if (opinion.hasWanted()) {
        its.put("wanted", opinion.getWanted());
      }
    }
  }

  private static void set(ObjectNode entry, String token, double logprob, ByteString bytes) {
    // JSON has no infinity; OpenAI writes -9999 for what is impossible.
    entry.put("token", token).put("logprob", Math.max(logprob, IMPOSSIBLE));
    ArrayNode values = entry.putArray("bytes");
    for (byte value : bytes) {
      values.add(value & 0xff);
    }
  }

  private static String finishReason(Choice choice) {
    return switch (choice.getFinishReason()) {
      case FINISH_REASON_STOP, FINISH_REASON_ABSTAIN -> "stop";
      case FINISH_REASON_LENGTH -> "length";
      case FINISH_REASON_TOOL_CALLS -> "tool_calls";
      case FINISH_REASON_CONTENT_FILTER -> "content_filter";
      case FINISH_REASON_UNSPECIFIED, UNRECOGNIZED -> "stop";
    };
  }

  /** The usage as OpenAI tells it; details where there are any. */
  static ObjectNode usage(Usage usage) {
    ObjectNode told =
        JSON.objectNode()
            .put("prompt_tokens", usage.getPromptTokens())
            .put("completion_tokens", usage.getCompletionTokens())
            .put("total_tokens", usage.getPromptTokens() + usage.getCompletionTokens());
    details(
        told,
        "prompt_tokens_details",
        "cached_tokens",
        usage.getCachedPromptTokens(),
        usage.getAudioPromptTokens());
    details(
        told,
        "completion_tokens_details",
        "reasoning_tokens",
        usage.getReasoningTokens(),
        usage.getAudioCompletionTokens());
    return told;
  }

  private static void details(ObjectNode usage, String name, String kind, long its, long audio) {
    if (its > 0 || audio > 0) {
      usage.putObject(name).put(kind, its).put("audio_tokens", audio);
    }
  }
}
