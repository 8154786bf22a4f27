package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a streamed answer cost, as an event of its own before its end mark, for callers that ask for
 * it ({@code x-tutti-include: cost}): a header is too late there. It is a chunk without choices, so
 * that clients of OpenAI's pass over it. Confined to one thread.
 */
final class CostEvent {

  private static final String HEADER = "x-tutti-include";
  private static final String COST = "cost";
  private static final byte[] FIELD = "data:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private final String id;
  private final String model;
  private final boolean usageTold;
  private final ByteArrayOutputStream end = new ByteArrayOutputStream();
  private Spent spent = Spent.getDefaultInstance();

  private CostEvent(String id, String model, boolean usageTold) {
    this.id = id;
    this.model = model;
    this.usageTold = usageTold;
  }

  /**
   * The event of an answer, where the caller asks for it.
   *
   * @param id of the decision
   * @param model as the caller called it
   * @param usageTold whether another event tells the usage: there is one at most that does
   * @throws ApiException where it asks for something else
   */
  static Optional<CostEvent> of(RoutingContext http, String id, String model, boolean usageTold) {
    String include = http.request().getHeader(HEADER);
    if (include == null) {
      return Optional.empty();
    }
    if (!include.strip().equals(COST)) {
      throw ApiException.invalid(
          "invalid_value",
          HEADER,
          "%s is '%s'; it can be '%s'.".formatted(HEADER, QueryParameters.cut(include), COST));
    }
    return Optional.of(new CostEvent(id, model, usageTold));
  }

  /** Notes what was used so far, where an event tells it. */
  void note(GenerateResponse event) {
    if (event.hasSpent()) {
      spent = event.getSpent();
    } else if (event.hasCompletion()) {
      Completion completion = event.getCompletion();
      spent =
          Spent.newBuilder()
              .setUsage(completion.getUsage())
              .setCostUsd(completion.getCostUsd())
              .build();
    }
  }

  /** Whether anything was used. */
  boolean isSomething() {
    return spent.hasUsage();
  }

  /** The data of the event. */
  String data() {
    Usage usage = spent.getUsage();
    ObjectNode chunk =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", "chatcmpl-" + id)
            .put("object", "chat.completion.chunk")
            .put("created", Instant.now().getEpochSecond())
            .put("model", model);
    chunk.putArray("choices");
    chunk
        .putObject("tutti")
        .put("decision", id)
        // As text, like all sums of money: a JSON number is read as a double.
        .put("cost_usd", DecisionHeaders.rounded(spent.getCostUsd()))
        .put("estimated", usage.getEstimated());
    if (!usageTold) {
      chunk.set("usage", ChatJson.usage(usage));
    }
    return chunk.toString();
  }

  /**
   * Keeps back the end mark of an endpoint's own stream, and what follows it.
   *
   * @param events whole, with their framing
   * @return what comes before
   */
  byte[] before(byte[] events) {
    int mark = end.size() > 0 ? 0 : mark(events);
    end.write(events, mark, events.length - mark);
    return mark == events.length ? events : Arrays.copyOf(events, mark);
  }

  /** The event with its framing, and what was kept back. */
  byte[] last() {
    var all = new ByteArrayOutputStream();
    all.writeBytes(("data: " + data() + "\n\n").getBytes(StandardCharsets.UTF_8));
    all.writeBytes(end.toByteArray());
    return all.toByteArray();
  }

  /** Where the line of the end mark begins; the length where there is none. */
  private static int mark(byte[] events) {
    for (int line = 0; line < events.length; line = next(events, line)) {
      if (startsWith(events, line, FIELD)) {
        int value = line + FIELD.length;
        value += value < events.length && events[value] == ' ' ? 1 : 0;
        if (startsWith(events, value, DONE)) {
          return line;
        }
      }
    }
    return events.length;
  }

  private static int next(byte[] events, int line) {
    int end = line;
    while (end < events.length && events[end] != '\n' && events[end] != '\r') {
      end++;
    }
    return end + 1;
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] what) {
    return bytes.length - from >= what.length
        && Arrays.equals(bytes, from, from + what.length, what, 0, what.length);
  }
}
