package dev.tutti.router.api.openai;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.Stages;
import dev.tutti.router.answer.Addressee;
import dev.tutti.router.answer.Answers;
import io.vertx.core.json.Json;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * Writes the answer of a call: an endpoint's own bytes as they come, or what a form makes of text.
 */
final class WireAnswer {

  private final Answers answers;
  private final Addressee addressee;
  private final GenerateRequest request;
  private final RestCall call;

  /**
   * An answer.
   *
   * @param addressee whom the request names
   */
  WireAnswer(Answers answers, Addressee addressee, GenerateRequest request, RestCall call) {
    this.answers = answers;
    this.addressee = addressee;
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
    answer(
        event -> {
          switch (event.getEventCase()) {
            case WIRE -> bytes.writeBytes(event.getWire().getData().toByteArray());
            case COMPLETION -> end[0] = event.getCompletion();
            default -> form.take(event);
          }
        });
    Object body = bytes.size() > 0 ? bytes.toByteArray() : form.body(end[0]);
    Response.ResponseBuilder response = Response.ok(body, MediaType.APPLICATION_JSON_TYPE);
    if (!end[0].getAuthor().isEmpty()) {
      response.header(DecisionHeaders.MEMBER, end[0].getAuthor());
    }
    if (end[0].getUsage().getEstimated()) {
      response.header("x-tutti-usage", "estimated");
    }
    return DecisionHeaders.withCost(response, end[0].getCostUsd()).build();
  }

  private void answer(EventSink<GenerateResponse> sink) {
    try {
      answers.answer(request, sink);
    } catch (CancelledException e) {
      throw call.ownEnd(request.getName()).<RuntimeException>map(Failure::exception).orElse(e);
    }
  }

  /**
   * Answers as server-sent events.
   *
   * @param cost of the answer, where its caller asks for it; before the end mark of an endpoint's
   *     own stream, and of a failure
   * @param form sends what is no endpoint's own, and ends with {@code [DONE]}
   */
  void stream(SseStream out, Optional<CostEvent> cost, EventSink<GenerateResponse> form) {
    var relayed = new boolean[1];
    if (addressee.isModel()) {
      out.answering(addressee.name());
    }
    try (out) {
      answers.answer(
          request,
          event -> {
            cost.ifPresent(its -> its.note(event));
            if (Stages.isAnswering(event)) {
              out.answering(event.getProgress().getMember());
            } else if (event.hasWire()) {
              relayed[0] = true;
              byte[] data = event.getWire().getData().toByteArray();
              out.relay(cost.isPresent() ? cost.get().before(data) : data);
            } else if (!relayed[0]) {
              form.emit(event);
            } else if (event.hasCompletion() && cost.isPresent()) {
              out.relay(cost.get().last());
            }
          });
      out.end();
    } catch (CancelledException e) {
      Optional<Failure> ownEnd = call.ownEnd(request.getName());
      if (ownEnd.isEmpty()) {
        out.cut();
      } else if (out.hasBegun()) {
        fail(out, cost, ownEnd.get().exception());
      } else {
        throw ownEnd.get().exception();
      }
    } catch (RuntimeException e) {
      if (!out.hasBegun()) {
        throw e;
      }
      fail(out, cost, e);
    }
  }

  private static void fail(SseStream out, Optional<CostEvent> cost, RuntimeException why) {
    String error = Json.encode(Errors.told(why).body());
    if (cost.filter(CostEvent::isSomething).isPresent()) {
      out.fail(cost.get().data(), error);
    } else {
      out.fail(error);
    }
  }
}
