package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.router.access.Needs;
import dev.tutti.router.answer.Addressee;
import dev.tutti.router.answer.Answers;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.Optional;

/**
 * OpenAI's older completions of a raw prompt: relayed to models behind endpoints, which have it.
 */
@Path("/v1/completions")
public class CompletionResource {

  private final Answers answers;
  private final Bodies bodies;

  CompletionResource(Answers answers, Bodies bodies) {
    this.answers = answers;
    this.bodies = bodies;
  }

  /** Goes on with a text. */
  @Needs
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response complete(InputStream body, @Context RoutingContext http) {
    byte[] bytes = bodies.read(body);
    JsonFields fields = JsonFields.parse(bytes);
    String model = fields.requiredText("model");
    Addressee addressee = answers.require(model);
    boolean stream = fields.flag("stream");
    Sampling.Builder sampling = Sampling.newBuilder();
    // For estimates and the decision only: what is wrong with them is the endpoint's to say.
    fields
        .node("max_tokens")
        .filter(node -> node.isInt() && node.intValue() > 0)
        .ifPresent(node -> sampling.setMaxTokens(node.intValue()));
    fields
        .node("seed")
        .filter(node -> node.isIntegralNumber() && node.canConvertToLong())
        .ifPresent(node -> sampling.setSeed(node.longValue()));
    String id = DecisionHeaders.identify(http);
    GenerateRequest generate =
        GenerateRequest.newBuilder()
            .setRequestId(id)
            .setName(model)
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(gist(fields)))
            .setSampling(sampling)
            .setCache(CacheHeader.of(http))
            .setWire(
                WireRequest.newBuilder()
                    .setForm(WireForm.WIRE_FORM_COMPLETION)
                    .setBody(UnsafeByteOperations.unsafeWrap(bytes))
                    // Messages are not what a raw prompt is.
                    .setUninterpreted("prompt"))
            .build();
    try (RestCall call = RestCall.open(http, fields)) {
      var answer = new WireAnswer(answers, addressee, generate, call);
      if (stream) {
        Optional<CostEvent> cost = CostEvent.of(http, id, model, true);
        answer.stream(new SseStream(http.response(), call), cost, _ -> {});
        return null;
      }
      return answer.whole(new NoOther());
    }
  }

  /** What the prompt says in text: for routers, and for estimates. */
  private static String gist(JsonFields fields) {
    JsonNode prompt = fields.node("prompt").orElse(MissingNode.getInstance());
    var text = new StringBuilder(prompt.asText(""));
    prompt.forEach(part -> text.append(part.isTextual() ? part.textValue() : ""));
    return text.toString();
  }

  /** Only endpoints answer. */
  private static final class NoOther implements WireAnswer.Whole {

    @Override
    public void take(GenerateResponse event) {}

    @Override
    public Object body(Completion completion) {
      throw new IllegalStateException("A raw prompt was answered without an endpoint.");
    }
  }
}
