package dev.tutti.registry.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.registry.dataset.ImportCounts;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far a recording is: the checkpoint of its job, and in the end its report.
 *
 * @param chunk of the body, the next one
 * @param line of it, from which on it is to be read
 * @param imported what came of the lines in the dataset
 * @param members by name
 * @param judge the calls of the judge; nothing where there is none
 * @param left questions before this line that were not begun, since there was no money for them;
 *     nobody is asked any more then
 */
record RecordingCounts(
    int chunk,
    long line,
    ImportCounts imported,
    SortedMap<String, Tally> members,
    Tally judge,
    long left) {

  /** The beginning. */
  static final RecordingCounts NONE =
      new RecordingCounts(0, 1, ImportCounts.NONE, new TreeMap<>(), Tally.NONE, 0);

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What one member did.
   *
   * @param answered calls that gave an answer with a score
   * @param failed calls that gave none
   * @param known answers that the dataset had already
   * @param usd what its calls cost, the failed ones too, US dollars
   * @param score sum of the scores
   * @param dearest what its dearest call cost, US dollars
   */
  record Tally(long answered, long failed, long known, double usd, double score, double dearest) {

    static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0);

    Tally plus(Tally other) {
      return new Tally(
          answered + other.answered,
          failed + other.failed,
          known + other.known,
          usd + other.usd,
          score + other.score,
          Math.max(dearest, other.dearest));
    }
  }

  static RecordingCounts read(byte[] checkpoint) {
    try {
      return JSON.readValue(checkpoint, RecordingCounts.class);
    } catch (IOException e) {
      throw new IllegalStateException("A checkpoint is kept that cannot be read", e);
    }
  }

  byte[] bytes() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A checkpoint cannot be written", e);
    }
  }

  /** The same after one more window, of which some were left. */
  RecordingCounts plus(SortedMap<String, Tally> more, Tally judged, long leftOfIt) {
    var all = new TreeMap<>(members);
    more.forEach((name, tally) -> all.merge(name, tally, Tally::plus));
    return new RecordingCounts(chunk, line, imported, all, judge.plus(judged), left + leftOfIt);
  }

  /** The same at another place of the body, with what came of the lines before. */
  RecordingCounts at(int nextChunk, long nextLine, ImportCounts counts) {
    return new RecordingCounts(nextChunk, nextLine, counts, members, judge, left);
  }

  /** What all calls cost, US dollars. */
  double usd() {
    return members.values().stream().mapToDouble(Tally::usd).sum() + judge.usd();
  }

  /** Calls that are over, of all members. */
  long done() {
    return members.values().stream().mapToLong(t -> t.answered() + t.failed() + t.known()).sum();
  }

  long failed() {
    return members.values().stream().mapToLong(Tally::failed).sum();
  }

  /**
   * The report.
   *
   * @param unread questions from its line on, where some were left before
   */
  Struct report(double budget, long unread) {
    Struct.Builder report = imported.report().toBuilder();
    report.putFields("budget_usd", number(budget));
    report.putFields("usd", number(usd()));
    report.putFields("failed", number(failed()));
    report.putFields("left", number(left == 0 ? 0 : left + unread));
    report.putFields(
        "stopped_by", Value.newBuilder().setStringValue(left > 0 ? "budget" : "").build());
    report.putFields("members", Value.newBuilder().setStructValue(tallies()).build());
    if (!judge.equals(Tally.NONE)) {
      report.putFields("judge_usd", number(judge.usd()));
    }
    return report.build();
  }

  private Struct tallies() {
    Struct.Builder all = Struct.newBuilder();
    members.forEach(
        (name, tally) -> {
          Struct.Builder its =
              Struct.newBuilder()
                  .putFields("answered", number(tally.answered()))
                  .putFields("failed", number(tally.failed()))
                  .putFields("known", number(tally.known()))
                  .putFields("usd", number(tally.usd()));
          if (tally.answered() > 0) {
            its.putFields("mean_score", number(tally.score() / tally.answered()));
          }
          all.putFields(name, Value.newBuilder().setStructValue(its).build());
        });
    return all.build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
