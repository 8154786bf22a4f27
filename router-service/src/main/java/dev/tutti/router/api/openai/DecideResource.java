package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.v1.BroughtAnswer;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.router.access.Needs;
import dev.tutti.router.answer.Deferrals;
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
import java.util.OptionalDouble;

/** What a cascade does with answers that a caller brings along. Ours: OpenAI has no such thing. */
@Path("/v1/decide")
public class DecideResource {

  private final Deferrals deferrals;
  private final Bodies bodies;

  DecideResource(Deferrals deferrals, Bodies bodies) {
    this.deferrals = deferrals;
    this.bodies = bodies;
  }

  /** Decides by a registered ensemble, or by a method. */
  @Needs
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response decide(InputStream body, @Context RoutingContext http) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    String id = DecisionHeaders.identify(http);
    GenerateRequest.Builder question = BroughtFields.question(fields, id);
    budget(fields, question);
    List<BroughtAnswer> answers = answers(fields);
    fields.refuseOthers(Map.of());
    try (RestCall _ = RestCall.open(http)) {
      DecideResponse decided =
          deferrals.decide(
              DecideRequest.newBuilder().setRequest(question).addAllAnswers(answers).build());
      Response.ResponseBuilder response =
          Response.ok(DecideJson.of(question, decided), MediaType.APPLICATION_JSON_TYPE);
      return DecisionHeaders.withCost(response, 0).build();
    }
  }

  /** A registered ensemble has its own. */
  private static void budget(JsonFields fields, GenerateRequest.Builder question) {
    OptionalDouble usd = fields.number("budget_usd");
    if (usd.isEmpty()) {
      return;
    }
    if (question.hasName()) {
      throw ApiException.invalid(
          "invalid_value",
          "budget_usd",
          "An ensemble has its own budget; it goes with method only.");
    }
    double most = usd.getAsDouble();
    if (!(most > 0 && Double.isFinite(most))) {
      throw ApiException.invalid(
          "invalid_value",
          "budget_usd",
          "budget_usd is %s; it must be above 0 and finite.".formatted(most));
    }
    question.getRecipeBuilder().getBudgetBuilder().setUsdPerRequest(most);
  }

  private static List<BroughtAnswer> answers(JsonFields all) {
    var answers = new ArrayList<BroughtAnswer>();
    for (JsonNode node :
        BroughtFields.several("answers", all.required("answers"), 0, BroughtFields.MOST_ANSWERS)) {
      JsonFields fields = JsonFields.of(node, "answers[%d]".formatted(answers.size()));
      BroughtAnswer.Builder answer =
          BroughtAnswer.newBuilder().setMember(fields.requiredText("member"));
      answer.setFailed(fields.flag("failed"));
      answer.addAllToolCalls(BroughtFields.tools(fields));
      answer.setText(
          BroughtFields.content(fields, answer.getFailed() || answer.getToolCallsCount() > 0));
      answer.addAllLogprobs(BroughtFields.numbers(fields, "logprobs"));
      answer.addAllDistancesToUniform(BroughtFields.numbers(fields, "distances_to_uniform"));
      answer.putAllOptions(BroughtFields.numbersByName(fields, "options"));
      fields.number("cost_usd").ifPresent(answer::setCostUsd);
      fields.text("purpose").ifPresent(answer::setPurpose);
      fields.refuseOthers(Map.of());
      answers.add(answer.build());
    }
    return answers;
  }
}
