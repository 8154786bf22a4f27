package dev.tutti.decoder.runtime.openai;

import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.kit.grpc.EventSink;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Makes text deltas of an endpoint's events, for callers that work with the text. Calls of tools
 * are put together; they are no deltas.
 */
final class TextStream extends RemoteStream {

  private final EventSink<GenerateResponse> sink;
  private final StringBuilder text = new StringBuilder();
  private final CallAssembler calls = new CallAssembler();
  private final StringBuilder readyText = new StringBuilder();
  private TextDelta.Builder ready = TextDelta.newBuilder();
  private boolean refused;
  private boolean spoken;

  TextStream(EventSink<GenerateResponse> sink) {
    this.sink = sink;
  }

  /** The text so far. */
  String text() {
    return text.toString();
  }

  /** Whether it says why it refuses, and nothing else. */
  boolean isRefusal() {
    return refused && text.isEmpty() && calls().isEmpty();
  }

  /** The calls of tools so far. */
  List<ToolCall> calls() {
    return calls.calls();
  }

  @Override
  void chunk(Chunk chunk, byte[] event) {
    text.append(chunk.text());
    refused |= chunk.refused();
    readyText.append(chunk.text());
    chunk.calls().forEach(calls::add);
    chunk.tokens().stream()
        .filter(token -> !Double.isNaN(token.logprob()))
        .forEach(token -> ready.addLogprobs(logprob(token)));
  }

  @Override
  void other(byte[] event, boolean end) {}

  @Override
  public void flush() {
    if (!readyText.isEmpty() || ready.getLogprobsCount() > 0) {
      spoken = true;
      ready.setText(readyText.toString());
      sink.emit(GenerateResponse.newBuilder().setDelta(ready).build());
      readyText.setLength(0);
      ready = TextDelta.newBuilder();
    }
  }

  @Override
  public boolean hasSpoken() {
    return spoken;
  }

  static TokenLogprob logprob(Chunk.Token token) {
    TokenLogprob.Builder logprob =
        TokenLogprob.newBuilder()
            .setToken(token.text())
            .setBytes(bytes(token))
            .setLogprob(Math.min(0, token.logprob()));
    for (Chunk.Token other : token.top()) {
      logprob.addTop(
          TokenAlternative.newBuilder()
              .setToken(other.text())
              .setBytes(bytes(other))
              .setLogprob(Math.min(0, other.logprob())));
    }
    return logprob.build();
  }

  private static ByteString bytes(Chunk.Token token) {
    return ByteString.copyFrom(
        token.bytes() == null ? token.text().getBytes(StandardCharsets.UTF_8) : token.bytes());
  }
}
