package dev.tutti.router.api;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.grpc.CancelledException;
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
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response complete(InputStream body, @Context RoutingContext http) {
    ChatRequest request = ChatRequest.parse(bodies.read(body));
    String id = DecisionHeaders.identify(http);
    GenerateRequest generate =
        GenerateRequest.newBuilder()
            .setRequestId(id)
            .setName(request.model())
            .addAllMessages(request.messages())
            .setSampling(request.sampling())
            .build();
    ChatJson json = new ChatJson(id, request);
    try (RestCall call = RestCall.open(http)) {
      if (request.stream()) {
        stream(generate, json, request.includeUsage(), new SseStream(http.response(), call));
        // Written already.
        return null;
      }
      return whole(generate, json);
    }
  }

  private Response whole(GenerateRequest request, ChatJson json) {
    var logprobs = new ArrayList<TokenLogprob>();
    var end = new Completion[1];
    answers.answer(
        request,
        event -> {
          logprobs.addAll(event.getDelta().getLogprobsList());
          if (event.hasCompletion()) {
            end[0] = event.getCompletion();
          }
        });
    return DecisionHeaders.withCost(
            Response.ok(json.whole(end[0], logprobs), MediaType.APPLICATION_JSON_TYPE),
            end[0].getCostUsd())
        .build();
  }

  private void stream(GenerateRequest request, ChatJson json, boolean includeUsage, SseStream out) {
    try {
      answers.answer(
          request,
          event -> {
            switch (event.getEventCase()) {
              case DELTA -> {
                begin(json, out);
                if (!event.getDelta().getText().isEmpty()
                    || event.getDelta().getLogprobsCount() > 0) {
                  out.send(Json.encode(json.delta(event.getDelta())));
                }
              }
              case COMPLETION -> {
                begin(json, out);
                out.send(Json.encode(json.last(event.getCompletion())));
                if (includeUsage) {
                  out.send(Json.encode(json.usageOnly(event.getCompletion())));
                }
                out.send("[DONE]");
              }
              // OpenAI's form has no place for it.
              case PROGRESS, EVENT_NOT_SET -> {}
            }
          });
      out.end();
    } catch (CancelledException e) {
      out.cut();
    } catch (RuntimeException e) {
      if (!out.hasBegun()) {
        throw e;
      }
      fail(out, e);
    }
  }

  private static void fail(SseStream out, RuntimeException e) {
    try {
      out.send(Json.encode(Errors.told(e).body()));
      out.end();
    } catch (CancelledException gone) {
      out.cut();
    }
  }

  private static void begin(ChatJson json, SseStream out) {
    if (!out.hasBegun()) {
      out.send(Json.encode(json.first()));
    }
  }
}
