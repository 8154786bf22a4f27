package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.fusion.v1.BroughtAnswer;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.router.access.Needs;
import dev.tutti.router.answer.Fusions;
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

  private static final int MOST_ROWS = 10_000;

  private final Fusions fusions;
  private final Bodies bodies;

  FusionResource(Fusions fusions, Bodies bodies) {
    this.fusions = fusions;
    this.bodies = bodies;
  }

  /** Fuses the answers by a registered ensemble, or by a method. */
  @Needs
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response fuse(InputStream body, @Context RoutingContext http) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    String id = DecisionHeaders.identify(http);
    GenerateRequest.Builder question = BroughtFields.question(fields, id);
    fields.wholeNumber("seed").ifPresent(question.getSamplingBuilder()::setSeed);
    FuseRequest.Builder asked = FuseRequest.newBuilder().addAllAnswers(answers(fields));
    schema(fields).ifPresent(asked::setAnswerSchema);
    fields.refuseOthers(Map.of());
    try (RestCall _ = RestCall.open(http)) {
      FuseResponse fused = fusions.fuse(asked.setRequest(question).build());
      Response.ResponseBuilder response =
          Response.ok(FusionJson.of(question, fused), MediaType.APPLICATION_JSON_TYPE);
      if (!fused.getCompletion().getAuthor().isEmpty()) {
        response.header(DecisionHeaders.MEMBER, fused.getCompletion().getAuthor());
      }
      return DecisionHeaders.withCost(response, fused.getCompletion().getCostUsd()).build();
    }
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

  private static List<BroughtAnswer> answers(JsonFields all) {
    var answers = new ArrayList<BroughtAnswer>();
    for (JsonNode node :
        BroughtFields.several("answers", all.required("answers"), 1, BroughtFields.MOST_ANSWERS)) {
      JsonFields fields = JsonFields.of(node, "answers[%d]".formatted(answers.size()));
      BroughtAnswer.Builder answer =
          BroughtAnswer.newBuilder().setMember(fields.requiredText("member"));
      answer.addAllToolCalls(BroughtFields.tools(fields));
      answer.setText(BroughtFields.content(fields, answer.getToolCallsCount() > 0));
      answer.addAllLogprobs(BroughtFields.numbers(fields, "logprobs"));
      fields.number("cost_usd").ifPresent(answer::setCostUsd);
      fields.node("result").ifPresent(rows -> result(rows, fields, answer));
      fields.node("tests").ifPresent(tests -> tests(tests, fields, answer));
      fields.refuseOthers(Map.of());
      answers.add(answer.build());
    }
    return answers;
  }

  private static void result(JsonNode rows, JsonFields fields, BroughtAnswer.Builder answer) {
    String path = fields.path("result");
    for (JsonNode row : BroughtFields.several(path, rows, 0, MOST_ROWS)) {
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
}
