package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Struct;
import dev.tutti.registry.recording.RecordingCounts.Tally;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RecordingCountsTest {

  /** A replica is killed between its last window and the end of the job. */
  @Test
  void anotherAttemptTellsWhatWasLeftBefore() {
    var tallies = new TreeMap<>(Map.of("anna", new Tally(2, 1, 0, .5, 1, .25)));
    RecordingCounts counts =
        RecordingCounts.NONE
            .plus(tallies, Tally.NONE, 3)
            .at(0, 33, RecordingCounts.NONE.imported());
    Struct report = RecordingCounts.read(counts.bytes()).report(.5, 4);
    assertEquals(7, report.getFieldsOrThrow("left").getNumberValue());
    assertEquals("budget", report.getFieldsOrThrow("stopped_by").getStringValue());
    Struct whole = RecordingCounts.NONE.plus(tallies, Tally.NONE, 0).report(.5, 0);
    assertEquals(0, whole.getFieldsOrThrow("left").getNumberValue());
    assertEquals("", whole.getFieldsOrThrow("stopped_by").getStringValue());
  }
}
