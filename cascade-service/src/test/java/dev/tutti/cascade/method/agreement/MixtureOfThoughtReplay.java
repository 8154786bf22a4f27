package dev.tutti.cascade.method.agreement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.method.agreement.MixtureOfThought.Family;
import dev.tutti.cascade.method.agreement.MixtureOfThought.Settings;
import dev.tutti.cascade.method.agreement.MixtureOfThought.Sources;
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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two sources of the Mixture-of-Thought cascade (Yue et al. 2024, table 5, DATE) over recorded
 * samples: the first seven of each, which is what the published code draws of two prompts.
 */
public final class MixtureOfThoughtReplay {

  private static final String SET = "mot_cascade_date";
  private static final String WEAK = "gpt-3.5-turbo/";
  private static final String STRONG = "gpt-4/cot1";
  private static final List<String> TEMPERATURES = List.of("", "/t0.4");
  private static final double[] THRESHOLDS = {.4, .5, .55, .6, .65, .7, .8, .9, 1};
  private static final List<String> TWO = List.of("first", "second");

  private static final int RECORDED = 20;
  private static final int DRAWN = 7;

  /** US dollars a character of what gpt-4 writes, by which the recorded costs are estimated. */
  private static final double STRONG_USD_PER_CHARACTER = 0.06 / 1_000 / 4;

  /** By how much reading is cheaper by gpt-3.5-turbo than by gpt-4. */
  private static final double CHEAPER = 0.03 / 0.0015;

  private static final List<MemberCard> CARDS =
      List.of(MemberCard.of("gpt-3.5-turbo", 1), MemberCard.of("gpt-4", 1));

  /** Accuracy, and cost relative to always asking the strong one. */
  private record Point(double accuracy, double cost) {}

  private final List<JsonNode> rows = new ArrayList<>();
  private final Map<String, Double> prompts = new HashMap<>();
  private final double base;

  private MixtureOfThoughtReplay() {
    Recordings.read(SET, rows::add);
    base = rows.stream().mapToDouble(row -> model(row, STRONG).get("cost").asDouble()).sum();
  }

  /** Replays the sources that are two, by both families. */
  public static void run(ReplayReport report) {
    var replay = new MixtureOfThoughtReplay();
    var votes = new HashMap<Sources, List<Point>>();
    for (Sources sources :
        List.of(Sources.COT_2D, Sources.POT_2D, Sources.MOT_1D, Sources.MOT_2D)) {
      String name = "mixture-of-thought, " + sources.name().toLowerCase(Locale.ROOT);
      for (double threshold : THRESHOLDS) {
        Point point = replay.mean(Family.VOTE, sources, threshold);
        votes.computeIfAbsent(sources, _ -> new ArrayList<>()).add(point);
        add(report, "%s, vote, threshold %.2f".formatted(name, threshold), point);
      }
      add(report, name + ", verify", replay.mean(Family.VERIFY, sources, 0));
    }
    at(report, "mot_1d", votes.get(Sources.MOT_1D), .417, .881);
    at(report, "mot_1d", votes.get(Sources.MOT_1D), .469, .889);
    at(report, "pot_2d", votes.get(Sources.POT_2D), .502, .890);
    report.note(
        "mot_cascade_date, mixture-of-thought: the first seven recorded samples of each of two"
            + " sources, compared as they stand; the mean over both temperatures and, of mot_1d and"
            + " mot_2d, both prompts. Cost is relative to always asking the strong one for three"
            + " samples; of the weak one the prompt is paid once a source and a sample its share of"
            + " the recorded cost. At a published cost the accuracy lies on the line between two"
            + " thresholds. The recorded samples are what the paper's Python programs printed: they"
            + " stand in the place of what an answer's text is read as, so these rows measure votes"
            + " and verification, neither the prompts nor the reading of an answer nor the running of"
            + " a program, which tests hold. Our own calls cost more than these figures: each sample"
            + " pays its prompt again.");
  }

  private static void add(ReplayReport report, String method, Point point) {
    report.add(SET, method, "accuracy", point.accuracy());
    report.add(SET, method, "relative cost", point.cost());
  }

  /** Accuracy where the curve of the thresholds reaches a cost. */
  private static void at(
      ReplayReport report, String sources, List<Point> curve, double cost, double published) {
    int next = 1;
    while (curve.get(next).cost() < cost) {
      next++;
    }
    Point low = curve.get(next - 1);
    Point high = curve.get(next);
    double share = (cost - low.cost()) / (high.cost() - low.cost());
    double accuracy = low.accuracy() + share * (high.accuracy() - low.accuracy());
    report.add(
        SET,
        "mixture-of-thought, %s, vote".formatted(sources),
        "accuracy at relative cost %.3f".formatted(cost),
        accuracy,
        published);
    assertEquals(published, accuracy, 0.005, sources);
  }

  private Point mean(Family family, Sources sources, double threshold) {
    List<List<String>> prompts =
        switch (sources) {
          case COT_2D -> List.of(List.of("cot1", "cot2"));
          case POT_2D -> List.of(List.of("pot1", "pot2"));
          case MOT_1D -> List.of(List.of("cot1", "pot1"), List.of("cot2", "pot2"));
          default -> List.of(List.of("cot1", "pot2"), List.of("cot2", "pot1"));
        };
    var policy =
        new MixtureOfThought(
            new Settings(
                family, sources, DRAWN, 0.8, List.of(threshold), TWO, TWO, AnswerForm.TEXT));
    List<String> purposes =
        ((Policy.Ask) policy.next(episode(List.of())))
            .calls().stream().map(call -> call.purpose()).toList();
    double accuracy = 0;
    double cost = 0;
    for (List<String> two : prompts) {
      for (String temperature : TEMPERATURES) {
        for (JsonNode row : rows) {
          Point point = point(policy, purposes, two, temperature, row);
          accuracy += point.accuracy() / rows.size();
          cost += point.cost() / base;
        }
      }
    }
    int replays = prompts.size() * TEMPERATURES.size();
    return new Point(accuracy / replays, cost / replays);
  }

  private Point point(
      Policy policy, List<String> purposes, List<String> two, String temperature, JsonNode row) {
    var stages = new ArrayList<Stage>();
    double cost = 0;
    for (int source = 0; source < 2; source++) {
      JsonNode its = model(row, WEAK + two.get(source) + temperature);
      for (int sample = 0; sample < DRAWN; sample++) {
        JsonNode said = its.get("samples").get(sample);
        stages.add(
            // What stands in the place of calls of tools is compared as it stands.
            new Answered(
                new Asked(source, sample, 0, 1, purposes.get(source)),
                "",
                said.isNull() ? Optional.empty() : Optional.of(said.asText()),
                AnswerSignals.NONE));
      }
      double prompt = prompts.computeIfAbsent(two.get(source), this::prompt);
      cost += prompt + (its.get("cost").asDouble() - prompt) * DRAWN / RECORDED;
    }
    if (policy.next(episode(stages)) instanceof Policy.Accept accept) {
      String given = ((Answered) stages.get(accept.stage())).tools().orElse("");
      return new Point(given.equals(row.get("reference").asText()) ? 1 : 0, cost);
    }
    JsonNode strong = model(row, STRONG);
    return new Point(strong.get("score").asDouble(), cost + strong.get("cost").asDouble());
  }

  /**
   * What the weak model pays to read a prompt: what the strong one does, at the weak one's price.
   */
  private double prompt(String source) {
    return rows.stream()
            .map(row -> model(row, "gpt-4/%s/greedy".formatted(source)))
            .mapToDouble(
                its ->
                    its.get("cost").asDouble()
                        - STRONG_USD_PER_CHARACTER * its.get("first_generation").asText().length())
            .average()
            .orElseThrow()
        / CHEAPER;
  }

  private static JsonNode model(JsonNode row, String name) {
    return row.get("models").get(name);
  }

  private static Episode episode(List<Stage> stages) {
    return new Episode(new Query("?"), CARDS, stages, OptionalDouble.empty(), false);
  }
}
