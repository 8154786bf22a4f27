package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What requests have in common whose callers bring answers along. */
final class BroughtFields {

  static final int MOST_ANSWERS = 256;
  private static final int MOST_MEMBERS = 64;

  private BroughtFields() {}

  /**
   * The question, and by whose method its answers are looked at.
   *
   * @param id of the request
   */
  static GenerateRequest.Builder question(JsonFields fields, String id) {
    GenerateRequest.Builder question = GenerateRequest.newBuilder().setRequestId(id);
    target(fields, question);
    question.addAllMessages(ChatMessages.read(fields));
    fields.number("temperature").ifPresent(question.getSamplingBuilder()::setTemperature);
    fields.smallNumber("max_tokens").ifPresent(question.getSamplingBuilder()::setMaxTokens);
    return question;
  }

  /** By whom: a registered ensemble, or a method with its settings and members. */
  private static void target(JsonFields fields, GenerateRequest.Builder question) {
    Optional<String> ensemble = fields.text("model");
    Optional<String> method = fields.text("method");
    Optional<JsonNode> settings = fields.node("settings");
    Optional<JsonNode> members = fields.node("members");
    if (ensemble.isPresent() == method.isPresent()) {
      throw ApiException.invalid(
          ensemble.isPresent() ? "invalid_value" : "missing_required_parameter",
          "model",
          "Exactly one of model, an ensemble's name, and method is required.");
    }
    if (ensemble.isPresent()) {
      if (settings.isPresent() || members.isPresent()) {
        throw ApiException.invalid(
            "invalid_value",
            settings.isPresent() ? "settings" : "members",
            "An ensemble has its own settings and members; they go with method only.");
      }
      question.setName(ensemble.get());
      return;
    }
    Recipe.Builder recipe = question.getRecipeBuilder().setMethod(method.orElseThrow());
    settings.ifPresent(node -> recipe.setSettings(struct(node)));
    members.ifPresent(node -> recipe.addAllMembers(members(node)));
  }

  private static Struct struct(JsonNode node) {
    if (!node.isObject()) {
      throw JsonFields.wrongType("settings", "an object", node);
    }
    try {
      Struct.Builder settings = Struct.newBuilder();
      JsonFormat.parser().merge(node.toString(), settings);
      return settings.build();
    } catch (InvalidProtocolBufferException e) {
      throw ApiException.invalid(
          "invalid_value", "settings", "settings hold what no setting can be.");
    }
  }

  private static List<Member> members(JsonNode nodes) {
    var members = new ArrayList<Member>();
    for (JsonNode node : several("members", nodes, 0, MOST_MEMBERS)) {
      JsonFields fields = JsonFields.of(node, "members[%d]".formatted(members.size()));
      Member.Builder member = Member.newBuilder().setModel(fields.requiredText("name"));
      fields.text("role").ifPresent(member::setRole);
      fields.number("weight").ifPresent(member::setWeight);
      fields
          .node("sampling")
          .ifPresent(its -> member.setSampling(sampling(its, fields.path("sampling"))));
      fields.refuseOthers(Map.of());
      members.add(member.build());
    }
    return members;
  }

  /** How a member draws that is asked. */
  private static MemberSampling sampling(JsonNode node, String path) {
    JsonFields fields = JsonFields.of(node, path);
    MemberSampling.Builder sampling = MemberSampling.newBuilder();
    fields.number("temperature").ifPresent(sampling::setTemperature);
    fields.number("top_p").ifPresent(sampling::setTopP);
    fields.smallNumber("n").ifPresent(sampling::setN);
    fields.refuseOthers(Map.of());
    if (sampling.build().equals(MemberSampling.getDefaultInstance())) {
      throw ApiException.invalid(
          "invalid_value", path, path + " has temperature, top_p, or n; leave it out otherwise.");
    }
    return sampling.build();
  }

  /** The calls of tools of an answer, as in a chat completion. */
  static List<ToolCall> tools(JsonFields answer) {
    var calls = new ArrayList<ToolCall>();
    Optional<JsonNode> nodes = answer.node("tool_calls");
    if (nodes.isEmpty()) {
      return calls;
    }
    String path = answer.path("tool_calls");
    for (JsonNode node : several(path, nodes.get(), 0, MOST_ANSWERS)) {
      JsonFields call = JsonFields.of(node, "%s[%d]".formatted(path, calls.size()));
      String type = call.text("type").orElse("function");
      if (!type.equals("function")) {
        throw ApiException.invalid(
            "unsupported_value", call.path("type"), "Only calls of type 'function' are served.");
      }
      JsonFields function = JsonFields.of(call.required("function"), call.path("function"));
      calls.add(
          ToolCall.newBuilder()
              .setId(call.text("id").orElse(""))
              .setName(function.requiredText("name"))
              .setArguments(function.text("arguments").orElse(""))
              .build());
      function.refuseOthers(Map.of());
      call.refuseOthers(Map.of());
    }
    return calls;
  }

  /**
   * The text of an answer.
   *
   * @param more whether it has calls of tools: then it may have none
   */
  static String content(JsonFields answer, boolean more) {
    Optional<String> content = answer.text("content");
    if (content.isEmpty() && !more) {
      answer.required("content");
    }
    return content.orElse("");
  }

  /** A list of numbers, one a token; empty where there is none. */
  static List<Double> numbers(JsonFields answer, String name) {
    var numbers = new ArrayList<Double>();
    Optional<JsonNode> nodes = answer.node(name);
    if (nodes.isEmpty()) {
      return numbers;
    }
    if (!nodes.get().isArray()) {
      throw JsonFields.wrongType(answer.path(name), "a list of numbers", nodes.get());
    }
    for (JsonNode node : nodes.get()) {
      if (!node.isNumber()) {
        throw JsonFields.wrongType(answer.path(name), "a list of numbers", node);
      }
      numbers.add(node.doubleValue());
    }
    return numbers;
  }

  /** Numbers by name; empty where there are none. */
  static Map<String, Double> numbersByName(JsonFields answer, String name) {
    var numbers = new LinkedHashMap<String, Double>();
    Optional<JsonNode> node = answer.node(name);
    if (node.isEmpty()) {
      return numbers;
    }
    boolean isMap = node.get().isObject();
    for (Map.Entry<String, JsonNode> entry : node.get().properties()) {
      isMap &= entry.getValue().isNumber();
      numbers.put(entry.getKey(), entry.getValue().doubleValue());
    }
    if (!isMap) {
      throw JsonFields.wrongType(answer.path(name), "an object of numbers", node.get());
    }
    return numbers;
  }

  /** The entries of a list that has so many. */
  static JsonNode several(String path, JsonNode nodes, int least, int most) {
    if (!nodes.isArray()) {
      throw JsonFields.wrongType(path, "a list", nodes);
    }
    if (nodes.size() < least || nodes.size() > most) {
      throw ApiException.invalid(
          "invalid_value",
          path,
          "%s has %d entries; %d to %d are allowed.".formatted(path, nodes.size(), least, most));
    }
    return nodes;
  }
}
