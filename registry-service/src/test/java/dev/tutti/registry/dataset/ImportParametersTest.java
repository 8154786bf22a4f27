package dev.tutti.registry.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.CostUnit;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImportParametersTest {

  private static ImportParameters read(String fields) throws IOException {
    Struct.Builder struct = Struct.newBuilder();
    JsonFormat.parser().merge("{\"dataset\":\"d\",\"upload\":\"u\"%s}".formatted(fields), struct);
    return ImportParameters.of(struct.build());
  }

  @Test
  void whatWasWrittenIsRead() throws IOException {
    var all =
        new ImportParameters(
            "d", "u", true, Optional.of(CostUnit.COST_UNIT_RELATIVE), Set.of("turns", "x"));
    assertEquals(all, ImportParameters.of(all.struct()));
    assertEquals(new ImportParameters("d", "u", false, Optional.empty(), Set.of()), read(""));
  }

  @Test
  void nothingThatIsWrongIsTakenForAbsent() {
    assertWrong("upload", ",\"upload\":\"\"");
    assertWrong("upload", ",\"upload\":5");
    assertWrong("on_conflict", ",\"on_conflict\":true");
    assertWrong("on_conflict", ",\"on_conflict\":\"merge\"");
    assertWrong("cost_unit", ",\"cost_unit\":null");
    assertWrong("ignore", ",\"ignore\":\"turns\"");
    assertWrong("ignore", ",\"ignore\":[\"turns\",1]");
    assertWrong("ignore", ",\"ignore\":[\"score\"]");
    assertWrong("ignored", ",\"ignored\":[]");
  }

  private static void assertWrong(String field, String fields) {
    FailureException refused = assertThrows(FailureException.class, () -> read(fields), fields);
    assertEquals("parameters." + field, ((Failure.InvalidArgument) refused.failure()).field());
  }
}
