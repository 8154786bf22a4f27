package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.generation.v1.ToolCall;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which call the pieces belong to, as endpoints tell them. */
class CallAssemblerTest {

  private final CallAssembler calls = new CallAssembler();

  /** As Ollama does. */
  @Test
  void callsThatAreAllNumberedNoughtStaySeveral() {
    at(0, "call_1", "weather", "{\"city\":\"Bonn\"}");
    at(0, "call_2", "weather", "{\"city\":\"Köln\"}");
    at(0, "call_3", "time", "{}");
    are(
        call("call_1", "weather", "{\"city\":\"Bonn\"}"),
        call("call_2", "weather", "{\"city\":\"Köln\"}"),
        call("call_3", "time", "{}"));
  }

  @Test
  void furtherPiecesGoToTheLastCallOfTheirPlace() {
    at(0, "a", "weather", "");
    at(0, "", "", "{");
    at(0, "b", "weather", "");
    at(0, "", "", "[");
    at(1, "c", "time", "{");
    at(0, "", "", "]");
    at(1, "", "", "}");
    are(call("a", "weather", "{"), call("b", "weather", "[]"), call("c", "time", "{}"));
  }

  @Test
  void anIdOrANameThatIsRepeatedBeginsNothing() {
    at(0, "a", "weather", "{");
    at(0, "a", "weather", "}");
    at(0, "a", "", " ");
    are(call("a", "weather", "{} "));
  }

  /** Some draw an id for every piece; the first stands. */
  @Test
  void anotherIdWithoutANameBeginsNothingAtAPlace() {
    at(0, "a", "weather", "{");
    at(0, "b", "", "}");
    are(call("a", "weather", "{}"));
  }

  @Test
  void withoutAnIdAnotherNameBeginsACall() {
    at(0, "", "weather", "{}");
    at(0, "", "time", "[]");
    are(call("", "weather", "{}"), call("", "time", "[]"));
  }

  @Test
  void withoutAnIdTheSameNameBeginsACallWhereTheOneBeforeIsWhole() {
    at(0, "", "weather", "{\"city\":\"Bonn\"}");
    at(0, "", "weather", "{\"city\":");
    at(0, "", "weather", "{\"of\":\"Köln\"}");
    at(0, "", "weather", "}");
    at(0, "", "weather", "");
    at(0, "", "weather", " {}");
    are(
        call("", "weather", "{\"city\":\"Bonn\"}"),
        call("", "weather", "{\"city\":{\"of\":\"Köln\"}}"),
        call("", "weather", " {}"));
  }

  @Test
  void aNameMayComeAfterItsId() {
    at(0, "a", "", "");
    at(0, "", "weather", "{}");
    are(call("a", "weather", "{}"));
  }

  @Test
  void withoutPlaceAndIdANameBeginsACall() {
    next("", "weather", "{");
    next("", "", "}");
    next("", "weather", "[");
    next("", "", "]");
    are(call("", "weather", "{}"), call("", "weather", "[]"));
  }

  @Test
  void withoutAPlaceAnotherIdBeginsACall() {
    next("a", "", "");
    next("a", "weather", "{");
    next("a", "", "}");
    next("b", "", "");
    next("", "time", "[]");
    are(call("a", "weather", "{}"), call("b", "time", "[]"));
  }

  @Test
  void whatNamesNoFunctionIsNoCall() {
    at(0, "a", "", "{}");
    at(1, "b", "time", "{}");
    are(call("b", "time", "{}"));
  }

  /** What grows with the square of the pieces takes minutes. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void manyPiecesTakeNoLongerEach() {
    at(0, "a", "write", "");
    String piece = "0123456789";
    for (int i = 0; i < 400_000; i++) {
      at(0, "", "", piece);
    }
    assertEquals(4_000_000, calls.calls().getFirst().getArguments().length());
  }

  private void at(int place, String id, String name, String arguments) {
    calls.add(new Chunk.CallPiece(OptionalInt.of(place), id, name, arguments));
  }

  private void next(String id, String name, String arguments) {
    calls.add(new Chunk.CallPiece(OptionalInt.empty(), id, name, arguments));
  }

  private void are(ToolCall... expected) {
    assertEquals(List.of(expected), calls.calls());
  }

  private static ToolCall call(String id, String name, String arguments) {
    return ToolCall.newBuilder().setId(id).setName(name).setArguments(arguments).build();
  }
}
