package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.e2e.Http.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Routers that begin with nothing, on the starter pool, through the whole platform: a question, the
 * answer of whoever they choose, and feedback whether it is right. Writes the part of
 * router-service's METHODS.md between the two marks.
 */
@Tag("replay")
@ExtendWith(Platform.class)
class LearningIT {

  private static final String BEGIN = "<!-- live: written by LearningIT, not by hand -->";
  private static final String END = "<!-- end of live -->";
  private static final int REQUESTS = 2_000;
  private static final int LAST = 500;
  private static final int THREADS = 4;
  private static final long SEED = 1;
  private static final String MARK = "#### ";

  private static final Path EVALUATION =
      Platform.ROOT.resolve("starter-models/src/main/resources/tutti/starter/eval");

  private static final List<String> EVERYBODY =
      List.of(
          "adder-bpe-1",
          "adder-bpe-2",
          "adder-strong",
          "adder-weak-1",
          "adder-weak-2",
          "adder-weak-3",
          "calculator",
          "generalist",
          "generalist-dates",
          "generalist-units",
          "wordsmith");

  private static final List<String> SPECIALISTS =
      List.of("adder-strong", "calculator", "wordsmith");

  private static final List<String> ALL_TASKS =
      List.of(
          "addition",
          "subtraction",
          "multiplication",
          "chain",
          "sorting",
          "reversing",
          "dates",
          "units",
          "facts",
          "choice");

  /** All but choice, which none of the specialists has learned. */
  private static final List<String> THEIR_TASKS = ALL_TASKS.subList(0, ALL_TASKS.size() - 1);

  /** A question, and who answers it right. */
  private record Item(String task, String prompt, String reference, Map<String, Boolean> right) {}

  /**
   * A router with its settings.
   *
   * @param pairs of so many requests one is answered by a second member too, drawn at random, and
   *     the two are compared; 0 for none
   */
  private record Setup(String method, String settings, int pairs, boolean asPublished) {

    String shown() {
      return settings.equals("{}") ? "defaults" : settings.replaceAll("[{}\":]", "");
    }
  }

  private static final List<Setup> SETUPS =
      List.of(
          new Setup("metallm", "{\"alpha\": 0.3, \"lambda\": 0.1, \"dimensions\": 0}", 0, false),
          new Setup("metallm", "{}", 0, false),
          new Setup(
              "eagle",
              "{\"global\": 0.1, \"neighbours\": 20, \"local_init\": \"flat\", \"exploration\": 0}",
              2,
              false),
          new Setup("eagle", "{\"exploration\": 0}", 2, true));

  /** What a router came to. */
  private record Line(
      String pool, Setup setup, double[] reached, double last, double ofOracle, double ofTask) {}

  @Test
  void routersLearnWhomToAsk() throws Exception {
    List<Item> items = new ArrayList<>();
    for (String task : ALL_TASKS) {
      items.addAll(items(task));
    }
    ask(items);
    List<Line> lines = new ArrayList<>();
    List<String> pools = new ArrayList<>();
    for (boolean specialists : new boolean[] {true, false}) {
      String pool = specialists ? "specialists" : "everybody";
      List<String> members = specialists ? SPECIALISTS : EVERYBODY;
      List<Item> theirs =
          new ArrayList<>(
              items.stream().filter(i -> !specialists || THEIR_TASKS.contains(i.task())).toList());
      Collections.shuffle(theirs, new Random(SEED));
      theirs = theirs.subList(0, REQUESTS);
      pools.add(describe(pool, members, theirs));
      for (Setup setup : SETUPS) {
        Line line = learn(pool, members, theirs, setup);
        System.out.println(row(line));
        lines.add(line);
      }
    }
    write(pools, lines);
    for (String method : List.of("eagle", "metallm")) {
      double best =
          lines.stream()
              .filter(l -> l.pool().equals("specialists") && l.setup().method().equals(method))
              .mapToDouble(Line::ofOracle)
              .max()
              .orElseThrow();
      assertTrue(best >= 0.95, method + " reaches " + best + " of the oracle choice");
    }
  }

  private static List<Item> items(String task) throws IOException {
    List<Item> items = new ArrayList<>();
    for (String line : Files.readAllLines(EVALUATION.resolve(task + ".jsonl"))) {
      JsonNode json = Http.JSON.readTree(line);
      items.add(
          new Item(
              task,
              json.get("prompt").asText(),
              json.get("reference").asText(),
              new LinkedHashMap<>()));
    }
    return items;
  }

  /** Every model answers every question, greedily. */
  private static void ask(List<Item> items) throws Exception {
    for (String model : EVERYBODY) {
      try (var threads = Executors.newFixedThreadPool(THREADS)) {
        List<Future<Boolean>> right =
            threads.invokeAll(
                items.stream()
                    .map(
                        i -> (Callable<Boolean>) () -> isRight(Http.complete(model, i.prompt()), i))
                    .toList());
        for (int i = 0; i < items.size(); i++) {
          items.get(i).right().put(model, right.get(i).get());
        }
      }
    }
  }

  private static boolean isRight(Answer answer, Item item) {
    JsonNode choice = answer.json().at("/choices/0");
    String text = choice.at("/message/content").asText();
    String last =
        text.contains(MARK) ? text.substring(text.lastIndexOf(MARK) + MARK.length()) : text;
    return answer.status() == 200
        && choice.at("/finish_reason").asText().equals("stop")
        && last.strip().equals(item.reference());
  }

  private static Line learn(String pool, List<String> members, List<Item> items, Setup setup) {
    String name = "live-" + pool + "-" + setup.method() + "-" + SETUPS.indexOf(setup);
    register(name, members, setup);
    Random random = new Random(SEED);
    double[] right = new double[REQUESTS / LAST];
    double[] oracle = new double[right.length];
    for (int i = 0; i < REQUESTS; i++) {
      Item item = items.get(i);
      ObjectNode chat = Http.chat(name, item.prompt()).put("seed", i);
      Answer answer = Http.post(Platform.rest("router") + "/v1/chat/completions", chat.toString());
      boolean good = isRight(answer, item);
      right[i / LAST] += good ? 1 : 0;
      oracle[i / LAST] += anybody(item, members) ? 1 : 0;
      String decision = answer.headers().firstValue("x-tutti-decision-id").orElseThrow();
      String chosen = give(decision, Http.JSON.createObjectNode().put("correct", good));
      if (setup.pairs() > 0 && i % setup.pairs() == 0) {
        List<String> others = new ArrayList<>(members);
        others.remove(chosen);
        compare(decision, chosen, others.get(random.nextInt(others.size())), good, item);
      }
    }
    double[] reached = new double[right.length];
    for (int k = 0; k < right.length; k++) {
      reached[k] = right[k] / oracle[k];
    }
    double last = right[right.length - 1] / LAST;
    List<Item> end = items.subList(REQUESTS - LAST, REQUESTS);
    return new Line(
        pool,
        setup,
        reached,
        last,
        reached[reached.length - 1],
        last / byTask(items, end, members));
  }

  private static void register(String name, List<String> members, Setup setup) {
    String body =
        """
        {"name": "%s", "method": "%s", "settings": %s, "lifecycle": "active", "members": [%s]}"""
            .formatted(
                name,
                setup.method(),
                setup.settings(),
                members.stream()
                    .map("{\"model\": \"%s\"}"::formatted)
                    .collect(Collectors.joining(", ")));
    Answer registered = Http.post(Platform.rest("registry") + "/api/v1/ensembles", body);
    assertEquals(201, registered.status(), registered.body());
    OutageIT.await(
        () ->
            Http.get(Platform.rest("registry") + "/api/v1/learners/" + name).status() == 200
                && Http.get(Platform.rest("router") + "/v1/models/" + name).status() == 200);
  }

  /** Whom it is about. */
  private static String give(String decision, ObjectNode says) {
    says.put("decision", decision).put("source", "reference");
    Answer given = Http.post(Platform.rest("router") + "/v1/feedback", says.toString());
    assertEquals(200, given.status(), given.body());
    return given.json().at("/member").asText();
  }

  private static void compare(
      String decision, String chosen, String other, boolean good, Item item) {
    boolean otherGood = item.right().get(other);
    ObjectNode says = Http.JSON.createObjectNode();
    says.putObject("comparison")
        .put("winner", otherGood && !good ? other : chosen)
        .put("loser", otherGood && !good ? chosen : other)
        .put("tie", good == otherGood);
    give(decision, says);
  }

  private static boolean anybody(Item item, List<String> members) {
    return members.stream().anyMatch(m -> item.right().get(m));
  }

  private static double share(List<Item> items, String member) {
    return items.stream().filter(i -> i.right().get(member)).count() / (double) items.size();
  }

  /** Accuracy on the last questions of always asking who is best at the question's task. */
  private static double byTask(List<Item> all, List<Item> end, List<String> members) {
    long right = 0;
    for (Item item : end) {
      List<Item> alike = all.stream().filter(i -> i.task().equals(item.task())).toList();
      String best =
          members.stream().max((a, b) -> Double.compare(share(alike, a), share(alike, b))).get();
      right += item.right().get(best) ? 1 : 0;
    }
    return right / (double) end.size();
  }

  private static String describe(String pool, List<String> members, List<Item> items) {
    double oracle = items.stream().filter(i -> anybody(i, members)).count() / (double) items.size();
    return String.format(
        Locale.ROOT,
        "- %s, %d members, questions of %d tasks: %s. The oracle choice, question by question: %.3f; "
            + "always the best at the question's task: %.3f.",
        pool,
        members.size(),
        (int) items.stream().map(Item::task).distinct().count(),
        members.stream()
            .map(m -> String.format(Locale.ROOT, "`%s` %.3f", m, share(items, m)))
            .collect(Collectors.joining(", ")),
        oracle,
        byTask(items, items, members));
  }

  private static String row(Line line) {
    StringBuilder row =
        new StringBuilder(
            "| %s | %s | %s | %s |"
                .formatted(
                    line.pool(),
                    line.setup().method(),
                    line.setup().shown() + (line.setup().asPublished() ? " (as published)" : ""),
                    line.setup().pairs() == 0 ? "" : "every " + line.setup().pairs()));
    for (double reached : line.reached()) {
      row.append(String.format(Locale.ROOT, " %.3f |", reached));
    }
    return row.append(String.format(Locale.ROOT, " %.3f | %.3f |", line.last(), line.ofTask()))
        .toString();
  }

  private static void write(List<String> pools, List<Line> lines) throws IOException {
    List<String> page = new ArrayList<>();
    page.add(BEGIN);
    page.addAll(pools);
    page.add("");
    page.add(
        "| pool | method | settings | second answers | 1-500 | 501-1000 | 1001-1500 | 1501-2000 | accuracy 1501-2000 | of the best by task |");
    page.add("|---|---|---|---|---|---|---|---|---|---|");
    lines.forEach(line -> page.add(row(line)));
    page.add(END);
    Path file = Platform.ROOT.resolve("router-service/METHODS.md");
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    assertTrue(begin >= 0 && end > begin, "METHODS.md has no place for it");
    Files.writeString(
        file,
        text.substring(0, begin) + String.join("\n", page) + text.substring(end + END.length()));
  }
}
