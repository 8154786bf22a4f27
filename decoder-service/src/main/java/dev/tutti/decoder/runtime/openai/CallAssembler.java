package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.tutti.generation.v1.ToolCall;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts calls of tools together that come in pieces. Confined to one thread.
 *
 * <p>A piece says by its place which call it belongs to. Some endpoints number all calls alike, so
 * a name beside another id, another name, or the same one with arguments where those before are
 * whole, begins a call at a place that has one. An id alone does not: some draw a new one for every
 * piece. Where an endpoint tells no places, what has a name, or another id, begins a call, and the
 * rest goes on with the last.
 */
final class CallAssembler {

  private static final ObjectReader JSON =
      new ObjectMapper().reader(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final List<Begun> calls = new ArrayList<>();
  private final Map<Integer, Begun> last = new HashMap<>();
  private Begun current;

  private static final class Begun {

    private final int place;
    private final StringBuilder arguments = new StringBuilder();
    private String id = "";
    private String name = "";

    private Begun(int place) {
      this.place = place;
    }

    private void add(Chunk.CallPiece piece) {
      id = id.isEmpty() ? piece.id() : id;
      name = name.isEmpty() ? piece.name() : name;
      arguments.append(piece.arguments());
    }

    private ToolCall call() {
      return ToolCall.newBuilder()
          .setId(id)
          .setName(name)
          .setArguments(arguments.toString())
          .build();
    }

    /** Whether a piece is of another call, though it says the same place. */
    private boolean isPassedBy(Chunk.CallPiece piece) {
      return isNamedAnew(piece)
          && (hasOtherId(piece) || !piece.name().equals(name) || isWholeBefore(piece));
    }

    private boolean isWholeBefore(Chunk.CallPiece piece) {
      return piece.id().isEmpty()
          && piece.arguments().stripLeading().startsWith("{")
          && isObject(arguments.toString());
    }

    private static boolean isObject(String json) {
      try {
        return JSON.readTree(json).isObject();
      } catch (JsonProcessingException e) {
        return false;
      }
    }

    /** The same of a piece that says no place. */
    private boolean isFollowedBy(Chunk.CallPiece piece) {
      return isNamedAnew(piece) || hasOtherId(piece);
    }

    private boolean isNamedAnew(Chunk.CallPiece piece) {
      return !piece.name().isEmpty() && !name.isEmpty();
    }

    private boolean hasOtherId(Chunk.CallPiece piece) {
      return !piece.id().isEmpty() && !id.isEmpty() && !piece.id().equals(id);
    }
  }

  /** Adds a piece. */
  void add(Chunk.CallPiece piece) {
    current = piece.place().isPresent() ? at(piece.place().getAsInt(), piece) : next(piece);
    current.add(piece);
  }

  private Begun at(int place, Chunk.CallPiece piece) {
    Begun its = last.get(place);
    return its == null || its.isPassedBy(piece) ? begin(place) : its;
  }

  private Begun next(Chunk.CallPiece piece) {
    if (current == null) {
      return begin(0);
    }
    return current.isFollowedBy(piece) ? begin(current.place + 1) : current;
  }

  private Begun begin(int place) {
    var its = new Begun(place);
    calls.add(its);
    last.put(place, its);
    return its;
  }

  /** The calls by their places; what names no function is none. */
  List<ToolCall> calls() {
    return calls.stream()
        .filter(its -> !its.name.isEmpty())
        .sorted(Comparator.comparingInt(its -> its.place))
        .map(Begun::call)
        .toList();
  }
}
