package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import org.junit.jupiter.api.Test;

class ContractJsonTest {

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  @Test
  void numbersThatJsonLacksAreTexts() {
    Struct inner = Struct.newBuilder().putFields("c", number(Double.NaN)).build();
    Decision decision =
        Decision.newBuilder()
            .setId("d")
            .setInputs(
                Struct.newBuilder()
                    .putFields("a", number(1.5))
                    .putFields(
                        "b",
                        Value.newBuilder()
                            .setListValue(
                                ListValue.newBuilder()
                                    .addValues(number(Double.NEGATIVE_INFINITY))
                                    .addValues(Value.newBuilder().setStructValue(inner)))
                            .build()))
            .addCandidates(Candidate.newBuilder().setMember("m").setScore(Double.NaN))
            .build();
    assertEquals(
        "{\"id\":\"d\",\"candidates\":[{\"member\":\"m\",\"score\":\"NaN\"}],\"inputs\":{\"a\":1.5,\"b\":[\"-Infinity\",{\"c\":\"NaN\"}]}}",
        ContractJson.compact(decision));
    assertEquals(
        ContractJson.compact(decision), ContractJson.indented(decision).replaceAll("\\s", ""));
  }
}
