package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireData;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Usages;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Hands the events of an endpoint on as they came. Three things differ from what the endpoint sent:
 * the usage that only this service asked for is left out, one that the caller asked for is added
 * where the endpoint told none, and comments before the first chunk are dropped. Signs of life that
 * are no comments become comments.
 */
final class RelayStream extends RemoteStream {

  private static final byte[] END = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private final EventSink<GenerateResponse> sink;
  private final boolean usageAsked;
  private final UsageBounds bounds;
  private final String object;
  private final String model;
  private final ByteArrayOutputStream ready = new ByteArrayOutputStream();
  private final StringBuilder text = new StringBuilder();
  private Usage earlier = Usage.getDefaultInstance();
  private boolean resumed;
  private boolean begun;
  private boolean spoken;
  private long written;

  /**
   * A relay.
   *
   * @param usageAsked whether the caller asked for the usage
   * @param bounds what the endpoint's usage is held against
   * @param object what the form calls a chunk
   * @param model what the caller called it
   */
  RelayStream(
      EventSink<GenerateResponse> sink,
      boolean usageAsked,
      UsageBounds bounds,
      String object,
      String model) {
    this.sink = sink;
    this.usageAsked = usageAsked;
    this.bounds = bounds;
    this.object = object;
    this.model = model;
  }

  @Override
  void chunk(Chunk chunk, byte[] event) {
    begun = true;
    text.append(chunk.text());
    written += chunk.written();
    // Of a resumed answer the endpoint knows the second part only.
    if (!chunk.isUsageOnly() || (usageAsked && !resumed)) {
      ready.writeBytes(event);
    }
  }

  /** The text so far. */
  String text() {
    return text.toString();
  }

  /** What follows goes on with the answer, at another endpoint. */
  void resume() {
    earlier = usage().toBuilder().setEstimated(true).build();
    resumed = true;
    spoken = false;
    begun = false;
    restart();
  }

  /** Tokens of all parts. */
  Usage usage() {
    if (resumed && totals().isEmpty()) {
      return earlier;
    }
    Usage its = mayEnd() ? totals().usage(bounds) : totals().broken(bounds);
    return resumed ? Usages.sum(earlier, its) : its;
  }

  @Override
  void other(byte[] event, boolean end) {
    if (end) {
      addMissingUsage();
    }
    // Before the first chunk it may still fail, and another member may answer instead.
    if (end || begun) {
      ready.writeBytes(event);
    }
  }

  /** Adds what a whole answer lacks. */
  void finish() {
    if (!isDone()) {
      addMissingUsage();
      ready.writeBytes(END);
    }
    flush();
  }

  /** The answer fails: tells the usage so far where the caller asked for it. */
  void fail() {
    if (spoken || resumed) {
      addMissingUsage();
      flush();
    }
  }

  private void addMissingUsage() {
    if (usageAsked && (resumed || !totals().isUsageTold())) {
      Usage usage = usage();
      ObjectNode chunk =
          JsonNodeFactory.instance
              .objectNode()
              .put("id", "usage")
              .put("object", object)
              .put("created", Instant.now().getEpochSecond())
              .put("model", model);
      chunk.putArray("choices");
      chunk
          .putObject("usage")
          .put("prompt_tokens", usage.getPromptTokens())
          .put("completion_tokens", usage.getCompletionTokens())
          .put("total_tokens", usage.getPromptTokens() + usage.getCompletionTokens())
          .put("estimated", true);
      ready.writeBytes(("data: " + chunk + "\n\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void flush() {
    if (ready.size() > 0) {
      spoken = true;
      sink.emit(
          GenerateResponse.newBuilder()
              .setWire(
                  WireData.newBuilder()
                      .setData(ByteString.copyFrom(ready.toByteArray()))
                      .setWrittenCharacters(written))
              .build());
      ready.reset();
      written = 0;
    }
  }

  @Override
  public boolean hasSpoken() {
    return spoken;
  }

  @Override
  boolean hasUsed() {
    return super.hasUsed() || resumed;
  }
}
