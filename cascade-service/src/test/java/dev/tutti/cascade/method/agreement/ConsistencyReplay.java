package dev.tutti.cascade.method.agreement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.method.agreement.ConsistencyPolicy.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One-prompt votes of the Mixture-of-Thought cascade (Yue et al. 2024, table 5, DATE) over recorded
 * samples: 20 of the weak model, by chains of thought or by programs; the strong model is the
 * majority of three samples. Each figure is the mean over two prompts and two temperatures.
 */
public final class ConsistencyReplay {

  private static final String SET = "mot_cascade_date";
  private static final double[] THRESHOLDS = {.4, .5, .55, .6, .65, .7, .8, .9, 1};
  private static final Map<String, double[]> PUBLISHED =
      Map.of(
          "cot", new double[] {.737, .758, .769, .779, .795, .809, .835, .854, .877},
          "pot", new double[] {.793, .806, .818, .828, .837, .848, .860, .877, .888});
  private static final List<MemberCard> TWO =
      List.of(MemberCard.of("gpt-3.5-turbo", 1), MemberCard.of("gpt-4", 1));

  private ConsistencyReplay() {}

  /** Replays the two families of prompts at each threshold. */
  public static void run(ReplayReport report) {
    var rows = new ArrayList<JsonNode>();
    Recordings.read(SET, rows::add);
    for (String family : List.of("cot", "pot")) {
      for (int i = 0; i < THRESHOLDS.length; i++) {
        double published = PUBLISHED.get(family)[i];
        String method = "consistency, %s, threshold %.2f".formatted(family, THRESHOLDS[i]);
        double recorded = replay(rows, family, THRESHOLDS[i], false);
        report.add(SET, method, "accuracy", recorded, published);
        assertEquals(published, recorded, 0.0006, method);
        double read = replay(rows, family, THRESHOLDS[i], true);
        report.add(SET, method + ", read as text", "accuracy", read);
        assertEquals(published, read, 0.004, method);
      }
    }
    report.note(
        "mot_cascade_date: 20 recorded samples of the weak model, those without an answer among"
            + " the 20; the mean over two prompts and two temperatures. The strong model is gpt-4"
            + " by chains of thought, the majority of three samples, for programs too. The paper"
            + " compares strings as they stand, though some are sentences about the date; read as"
            + " text, as the method does by itself, some of these join the date they mark, so the"
            + " weak model is taken a little more often.");
  }

  private static double replay(List<JsonNode> rows, String family, double threshold, boolean read) {
    return Stream.of("1", "2", "1/t0.4", "2/t0.4")
        .mapToDouble(prompt -> accuracy(rows, "gpt-3.5-turbo/" + family + prompt, threshold, read))
        .average()
        .orElseThrow();
  }

  private static double accuracy(List<JsonNode> rows, String weak, double threshold, boolean read) {
    var policy = new ConsistencyPolicy(new Settings(20, 0.8, List.of(threshold), AnswerForm.TEXT));
    double right = 0;
    for (JsonNode row : rows) {
      List<String> samples = new ArrayList<>();
      row.get("models")
          .get(weak)
          .get("samples")
          .forEach(s -> samples.add(s.isNull() ? "" : s.asText()));
      String reference = row.get("reference").asText();
      if (policy.next(episode(samples, read)) instanceof Policy.Accept accept) {
        String given = samples.get(accept.stage());
        boolean same =
            read
                ? AnswerForm.TEXT.canonical(given).equals(AnswerForm.TEXT.canonical(reference))
                : given.equals(reference);
        right += same ? 1 : 0;
      } else {
        right += row.get("models").get("gpt-4/cot1").get("score").asDouble();
      }
    }
    return right / rows.size();
  }

  private static Episode episode(List<String> samples, boolean read) {
    List<Stage> stages =
        IntStream.range(0, samples.size())
            .<Stage>mapToObj(i -> stage(new Asked(0, i, 0, 1, ""), samples.get(i), read))
            .toList();
    return new Episode(new Query(""), TWO, stages, OptionalDouble.empty(), false);
  }

  /** What stands in the place of calls of tools is compared as it stands. */
  private static Stage stage(Asked asked, String sample, boolean read) {
    return read
        ? new Answered(asked, sample, AnswerSignals.NONE)
        : new Answered(
            asked, "", Optional.of(sample).filter(s -> !s.isEmpty()), AnswerSignals.NONE);
  }
}
