package dev.tutti.router.api.openai;

import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.router.access.Needs;
import dev.tutti.router.answer.Addressee;
import dev.tutti.router.answer.Answers;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** OpenAI's chat completions, whole or as server-sent events. */
@Path("/v1/chat/completions")
public class ChatResource {

  private final Answers answers;
  private final Bodies bodies;

  ChatResource(Answers answers, Bodies bodies) {
    this.answers = answers;
    this.bodies = bodies;
  }

  /** Answers a conversation. */
  @Needs
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response complete(InputStream body, @Context RoutingContext http) {
    byte[] bytes = bodies.read(body);
    JsonFields fields = JsonFields.parse(bytes);
    String model = fields.requiredText("model");
    Addressee addressee = answers.require(model);
    ChatRequest request = ChatRequest.parse(model, fields);
    UnservedPolicy policy =
        UnservedPolicy.of(
            http, addressee.dropsUnserved() ? UnservedPolicy.DROP : UnservedPolicy.REFUSE);
    // Whoever wants fields dropped loses no member for them.
    boolean costsMembers = !request.passable().isEmpty() && !addressee.leftOut().isEmpty();
    boolean handsOn = policy == UnservedPolicy.REFUSE || !costsMembers;
    boolean asIs = addressee.takesWire() && handsOn;
    boolean passedOn = addressee.passesOn() && handsOn && !request.passable().isEmpty();
    if (!asIs && !passedOn) {
      bodies.requireForUs(bytes);
    }
    if (!asIs) {
      policy.apply(passedOn ? request.impassable() : request.unserved(), http);
    }
    String id = DecisionHeaders.identify(http);
    GenerateRequest.Builder generate =
        GenerateRequest.newBuilder()
            .setRequestId(id)
            .setName(model)
            .addAllMessages(request.messages())
            .setSampling(request.sampling())
            .setChoices(request.choices())
            .setCache(CacheHeader.of(http));
    if (asIs) {
      // First what fewer take.
      generate.setWire(
          wire(Stream.concat(request.impassable().stream(), request.passable().stream()), bytes));
    } else if (passedOn) {
      generate.setWire(wire(request.passable().stream(), bytes));
    }
    if (costsMembers && handsOn) {
      UnservedPolicy.tellLeftOut(addressee.leftOut(), http);
    }
    ChatJson json = new ChatJson(id, request);
    try (RestCall call = RestCall.open(http, fields)) {
      var answer = new WireAnswer(answers, addressee, generate.build(), call);
      if (request.stream()) {
        Optional<CostEvent> cost = CostEvent.of(http, id, model, request.includeUsage());
        var out = new SseStream(http.response(), call);
        answer.stream(out, cost, event -> send(event, json, request.includeUsage(), cost, out));
        // Written already.
        return null;
      }
      return answer.whole(new ChatWhole(json));
    }
  }

  private static WireRequest wire(Stream<ApiException> unserved, byte[] body) {
    String beyond =
        unserved
            .findFirst()
            .map(e -> e.error().param() == null ? "body" : e.error().param())
            .orElse("");
    return WireRequest.newBuilder()
        .setForm(WireForm.WIRE_FORM_CHAT)
        .setBody(UnsafeByteOperations.unsafeWrap(body))
        .setUninterpreted(beyond)
        .build();
  }

  private record ChatWhole(ChatJson json, Map<Integer, List<TokenLogprob>> logprobs)
      implements WireAnswer.Whole {

    ChatWhole(ChatJson json) {
      this(json, new HashMap<>());
    }

    @Override
    public void take(GenerateResponse event) {
      TextDelta delta = event.getDelta();
      if (delta.getLogprobsCount() > 0) {
        logprobs
            .computeIfAbsent(delta.getChoice(), _ -> new ArrayList<>())
            .addAll(delta.getLogprobsList());
      }
    }

    @Override
    public Object body(Completion completion) {
      return json.whole(completion, logprobs);
    }
  }

  private static void send(
      GenerateResponse event,
      ChatJson json,
      boolean includeUsage,
      Optional<CostEvent> cost,
      SseStream out) {
    switch (event.getEventCase()) {
      case DELTA -> {
        begin(json, out);
        if (!event.getDelta().getText().isEmpty() || event.getDelta().getLogprobsCount() > 0) {
          out.send(Json.encode(json.delta(event.getDelta())));
        }
      }
      case COMPLETION -> {
        begin(json, out);
        json.calls(event.getCompletion()).forEach(chunk -> out.send(Json.encode(chunk)));
        json.last(event.getCompletion()).forEach(chunk -> out.send(Json.encode(chunk)));
        if (includeUsage) {
          out.send(Json.encode(json.usageOnly(event.getCompletion())));
        }
        cost.ifPresent(its -> out.send(its.data()));
        out.send("[DONE]");
      }
      // OpenAI's form has no place for it, or it was written already.
      case PROGRESS, WIRE, SPENT, EVENT_NOT_SET -> {}
    }
  }

  private static void begin(ChatJson json, SseStream out) {
    json.first().forEach(chunk -> out.send(Json.encode(chunk)));
  }
}
