package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.fusion.v1.BroughtAnswer;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.answer.Fusions;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One answer of those that a caller brings along. Ours: OpenAI has no such thing. */
@Path("/v1/fuse")
public class FusionResource {

  private static final int MOST_ANSWERS = 256;
  private static final int MOST_MEMBERS = 64;
  private static final int MOST_ROWS = 10_000;

  private final Fusions fusions;
  private final Bodies bodies;

  FusionResource(Fusions fusions, Bodies bodies) {
    this.fusions = fusions;
    this.bodies = bodies;
  }

  /** Fuses the answers by a registered ensemble, or by a method. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response fuse(InputStream body, @Context RoutingContext http) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    String id = DecisionHeaders.identify(http);
    GenerateRequest.Builder question = GenerateRequest.newBuilder().setRequestId(id);
    Optional<String> ensemble = target(fields, question);
    question.addAllMessages(ChatMessages.read(fields));
    fields.number("temperature").ifPresent(question.getSamplingBuilder()::setTemperature);
    fields.smallNumber("max_tokens").ifPresent(question.getSamplingBuilder()::setMaxTokens);
    fields.wholeNumber("seed").ifPresent(question.getSamplingBuilder()::setSeed);
    FuseRequest.Builder asked = FuseRequest.newBuilder().addAllAnswers(answers(fields));
    schema(fields).ifPresent(asked::setAnswerSchema);
    fields.refuseOthers(Map.of());
    try (RestCall _ = RestCall.open(http)) {
      FuseResponse fused = fusions.fuse(asked.setRequest(question).build());
      Response.ResponseBuilder response =
          Response.ok(FusionJson.of(id, ensemble, fused), MediaType.APPLICATION_JSON_TYPE);
      if (!fused.getCompletion().getAuthor().isEmpty()) {
        response.header(DecisionHeaders.MEMBER, fused.getCompletion().getAuthor());
      }
      return DecisionHeaders.withCost(response, fused.getCompletion().getCostUsd()).build();
    }
  }

  /** By whom: a registered ensemble, or a method with its settings and members. */
  private static Optional<String> target(JsonFields fields, GenerateRequest.Builder question) {
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
      return ensemble;
    }
    Recipe.Builder recipe = question.getRecipeBuilder().setMethod(method.orElseThrow());
    settings.ifPresent(node -> recipe.setSettings(struct(node)));
    members.ifPresent(node -> recipe.addAllMembers(members(node)));
    return Optional.empty();
  }

  /** The schema of a {@code response_format}, as in a chat completion. */
  private static Optional<String> schema(JsonFields all) {
    Optional<JsonNode> node = all.node("response_format");
    if (node.isEmpty()) {
      return Optional.empty();
    }
    JsonFields format = JsonFields.of(node.get(), "response_format");
    String type = format.requiredText("type");
    Optional<String> schema = Optional.empty();
    if (type.equals("json_schema")) {
      JsonFields its = JsonFields.of(format.required("json_schema"), format.path("json_schema"));
      schema = Optional.of(its.required("schema").toString());
      its.text("name");
      its.text("description");
      its.flag("strict");
      its.refuseOthers(Map.of());
    } else if (!type.equals("text")) {
      throw ApiException.invalid(
          "unsupported_value",
          "response_format.type",
          "response_format is of the type 'text' or 'json_schema'.");
    }
    format.refuseOthers(Map.of());
    return schema;
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
    return sampling.build();
  }

  private static List<BroughtAnswer> answers(JsonFields all) {
    var answers = new ArrayList<BroughtAnswer>();
    for (JsonNode node : several("answers", all.required("answers"), 1, MOST_ANSWERS)) {
      JsonFields fields = JsonFields.of(node, "answers[%d]".formatted(answers.size()));
      BroughtAnswer.Builder answer =
          BroughtAnswer.newBuilder().setMember(fields.requiredText("member"));
      fields.node("tool_calls").ifPresent(calls -> tools(calls, fields, answer));
      Optional<String> content = fields.text("content");
      if (content.isEmpty() && answer.getToolCallsCount() == 0) {
        fields.required("content");
      }
      answer.setText(content.orElse(""));
      fields.node("logprobs").ifPresent(its -> logprobs(its, fields, answer));
      fields.number("cost_usd").ifPresent(answer::setCostUsd);
      fields.node("result").ifPresent(rows -> result(rows, fields, answer));
      fields.node("tests").ifPresent(tests -> tests(tests, fields, answer));
      fields.refuseOthers(Map.of());
      answers.add(answer.build());
    }
    return answers;
  }

  private static void tools(JsonNode calls, JsonFields fields, BroughtAnswer.Builder answer) {
    String path = fields.path("tool_calls");
    for (JsonNode node : several(path, calls, 0, MOST_ANSWERS)) {
      JsonFields call = JsonFields.of(node, "%s[%d]".formatted(path, answer.getToolCallsCount()));
      String type = call.text("type").orElse("function");
      if (!type.equals("function")) {
        throw ApiException.invalid(
            "unsupported_value", call.path("type"), "Only calls of type 'function' are served.");
      }
      JsonFields function = JsonFields.of(call.required("function"), call.path("function"));
      answer
          .addToolCallsBuilder()
          .setId(call.text("id").orElse(""))
          .setName(function.requiredText("name"))
          .setArguments(function.text("arguments").orElse(""));
      function.refuseOthers(Map.of());
      call.refuseOthers(Map.of());
    }
  }

  private static void logprobs(JsonNode nodes, JsonFields fields, BroughtAnswer.Builder answer) {
    String path = fields.path("logprobs");
    if (!nodes.isArray()) {
      throw JsonFields.wrongType(path, "a list of numbers", nodes);
    }
    for (JsonNode node : nodes) {
      if (!node.isNumber()) {
        throw JsonFields.wrongType(path, "a list of numbers", node);
      }
      answer.addLogprobs(node.doubleValue());
    }
  }

  private static void result(JsonNode rows, JsonFields fields, BroughtAnswer.Builder answer) {
    String path = fields.path("result");
    for (JsonNode row : several(path, rows, 0, MOST_ROWS)) {
      if (!row.isArray()) {
        throw JsonFields.wrongType(path, "a list of rows, each a list of values", row);
      }
      answer.getResultBuilder().addRows(row.toString());
    }
    // A result may have no rows.
    answer.setResult(answer.getResultBuilder());
  }

  private static void tests(JsonNode tests, JsonFields fields, BroughtAnswer.Builder answer) {
    String path = fields.path("tests");
    if (!tests.isObject()) {
      throw JsonFields.wrongType(path, "an object of true and false by name", tests);
    }
    if (tests.isEmpty()) {
      throw ApiException.invalid("invalid_value", path, path + " names no test.");
    }
    for (var test : tests.properties()) {
      if (!test.getValue().isBoolean()) {
        throw JsonFields.wrongType(path, "an object of true and false by name", test.getValue());
      }
      answer.putTests(test.getKey(), test.getValue().booleanValue());
    }
  }

  private static JsonNode several(String path, JsonNode nodes, int least, int most) {
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
