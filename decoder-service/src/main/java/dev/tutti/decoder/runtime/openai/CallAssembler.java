package dev.tutti.decoder.runtime.openai;

import dev.tutti.generation.v1.ToolCall;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Puts calls of tools together that come in pieces. Confined to one thread.
 *
 * <p>A piece says by its place which call it belongs to. Where an endpoint tells no places, one
 * with an id begins a call, and one without goes on with the last.
 */
final class CallAssembler {

  private final SortedMap<Integer, ToolCall.Builder> calls = new TreeMap<>();

  /** Adds a piece. */
  void add(Chunk.CallPiece piece) {
    int last = calls.isEmpty() ? -1 : calls.lastKey();
    int untold = piece.id().isEmpty() ? Math.max(0, last) : last + 1;
    ToolCall.Builder call =
        calls.computeIfAbsent(piece.place().orElse(untold), _ -> ToolCall.newBuilder());
    if (!piece.id().isEmpty()) {
      call.setId(piece.id());
    }
    if (!piece.name().isEmpty()) {
      call.setName(piece.name());
    }
    call.setArguments(call.getArguments() + piece.arguments());
  }

  /** The calls by their places; what names no function is none. */
  List<ToolCall> calls() {
    return calls.values().stream()
        .filter(call -> !call.getName().isEmpty())
        .map(ToolCall.Builder::build)
        .toList();
  }
}
