package dev.tutti.router.api;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.answer.Answers;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;

/**
 * Writes the answer of a call: an endpoint's own bytes as they come, or what a form makes of text.
 */
final class WireAnswer {

  private final Answers answers;
  private final GenerateRequest request;
  private final RestCall call;

  WireAnswer(Answers answers, GenerateRequest request, RestCall call) {
    this.answers = answers;
    this.request = request;
    this.call = call;
  }

  /** What a whole answer is made of, where no endpoint wrote it. */
  interface Whole {

    /** Takes an event. */
    void take(GenerateResponse event);

    /** The body. */
    Object body(Completion completion);
  }

  /** Answers at once. */
  Response whole(Whole form) {
    var bytes = new ByteArrayOutputStream();
    var end = new Completion[1];
    answers.answer(
        request,
        event -> {
          switch (event.getEventCase()) {
            case WIRE -> bytes.writeBytes(event.getWire().getData().toByteArray());
            case COMPLETION -> end[0] = event.getCompletion();
            default -> form.take(event);
          }
        });
    Object body = bytes.size() > 0 ? bytes.toByteArray() : form.body(end[0]);
    Response.ResponseBuilder response = Response.ok(body, MediaType.APPLICATION_JSON_TYPE);
    if (end[0].getUsage().getEstimated()) {
      response.header("x-tutti-usage", "estimated");
    }
    return DecisionHeaders.withCost(response, end[0].getCostUsd()).build();
  }

  /**
   * Answers as server-sent events.
   *
   * @param form sends what is no endpoint's own, and ends with {@code [DONE]}
   */
  void stream(RoutingContext http, SseStream out, EventSink<GenerateResponse> form) {
    var relayed = new boolean[1];
    try {
      answers.answer(
          request,
          event -> {
            if (event.hasWire()) {
              relayed[0] = true;
              out.relay(event.getWire().getData().toByteArray());
            } else if (!relayed[0]) {
              form.emit(event);
            }
          });
      out.end();
    } catch (CancelledException e) {
      if (call.isTimedOut()) {
        if (!out.hasBegun()) {
          throw timedOut().exception();
        }
        out.fail(Json.encode(Errors.told(timedOut().exception()).body()));
      } else {
        out.cut();
      }
    } catch (RuntimeException e) {
      if (!out.hasBegun()) {
        throw e;
      }
      out.fail(Json.encode(Errors.told(e).body()));
    }
  }

  private Failure timedOut() {
    return new Failure.DeadlineExceeded(
        "DEADLINE_EXCEEDED",
        "'%s' gave no whole answer within the %s that this service allows (%s)."
            .formatted(request.getName(), Deadlines.shown(Deadlines.longest()), Deadlines.SETTING));
  }
}
