package dev.tutti.router.api;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.Stages;
import dev.tutti.router.answer.Answers;
import dev.tutti.router.members.Entry;
import io.vertx.core.json.Json;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;

/**
 * Writes the answer of a call: an endpoint's own bytes as they come, or what a form makes of text.
 */
final class WireAnswer {

  private final Answers answers;
  private final Entry entry;
  private final GenerateRequest request;
  private final RestCall call;

  /**
   * An answer.
   *
   * @param entry what the request's name stands for
   */
  WireAnswer(Answers answers, Entry entry, GenerateRequest request, RestCall call) {
    this.answers = answers;
    this.entry = entry;
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
    response.header(DecisionHeaders.MEMBER, end[0].getAuthor());
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
  void stream(SseStream out, EventSink<GenerateResponse> form) {
    var relayed = new boolean[1];
    if (entry instanceof Entry.Single) {
      out.answering(entry.name());
    }
    try (out) {
      answers.answer(
          request,
          event -> {
            if (Stages.isAnswering(event)) {
              out.answering(event.getProgress().getMember());
            } else if (event.hasWire()) {
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

  private static Failure timedOut() {
    return new Failure.DeadlineExceeded(
        "DEADLINE_EXCEEDED",
        "The answer took longer than this service allows (%s).".formatted(Deadlines.SETTING));
  }
}
