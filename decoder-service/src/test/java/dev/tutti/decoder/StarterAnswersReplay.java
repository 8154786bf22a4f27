package dev.tutti.decoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerSignals;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.starter.Task;
import dev.tutti.starter.TaskItem;
import dev.tutti.starter.Tasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Records what every writing starter model answers to the committed held-out questions, and to
 * freshly generated ones that methods may be fitted to: {@code
 * target/replay/starter-answers.jsonl}, which replays of other services read. Greedy, with the
 * cache, through the service's own runtime, each answer with its signals, the log-probability of
 * each token but the end, price and time. Beside them how probable each model finds every answer,
 * as the service scores texts, and what the best single model answers when it is sampled over
 * again.
 */
@Tag("replay")
class StarterAnswersReplay {

  /** Generated questions of each task; of their held-out part, as far as it has others. */
  private static final int QUESTIONS = Integer.getInteger("tutti.starter.questions", 200);

  /** Longest answer that is waited for: the longest right ones have fewer tokens. */
  private static final int MOST_TOKENS = 64;

  private static final long SEED = 13_001;

  /** Sampled over again: the best single model, for what all models together cost. */
  private static final String SAMPLED = "generalist";

  private static final int SAMPLES = 7;
  private static final double TEMPERATURE = 0.7;
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Price(double prompt, double completion) {}

  @Test
  void record() throws IOException {
    var lines = new ArrayList<ObjectNode>();
    for (Task task : Tasks.ALL) {
      generated(task, QUESTIONS).forEach(item -> lines.add(line(item, "generated")));
      HeldOutSet.of(task.name()).items().forEach(item -> lines.add(line(item, "held_out")));
    }
    for (String name : writers()) {
      Price price = price(name);
      try (OnnxLanguageModel model = ModelFiles.load(name)) {
        for (ObjectNode line : lines) {
          ((ObjectNode) line.get("models")).set(name, answered(model, price, line, 0, 0));
          if (name.equals(SAMPLED)) {
            ArrayNode samples = line.putArray("sampled");
            for (int seed = 0; seed < SAMPLES; seed++) {
              samples.add(answered(model, price, line, TEMPERATURE, seed));
            }
          }
        }
      }
      System.out.println("recorded " + name);
    }
    for (String name : writers()) {
      Price price = price(name);
      try (OnnxLanguageModel model = ModelFiles.load(name)) {
        for (ObjectNode line : lines) {
          ((ObjectNode) line.get("rewards")).set(name, scored(model, price, line));
        }
      }
      System.out.println("scored by " + name);
    }
    write(lines, "starter-answers.jsonl");
  }

  /** Chains alone, ten times as many, by those two that make a cascade over them. */
  @Test
  void recordChains() throws IOException {
    Task chains =
        Tasks.ALL.stream().filter(task -> task.name().equals("chain")).findFirst().orElseThrow();
    var lines = new ArrayList<ObjectNode>();
    generated(chains, 10 * QUESTIONS).forEach(item -> lines.add(line(item, "generated")));
    HeldOutSet.of(chains.name()).items().forEach(item -> lines.add(line(item, "held_out")));
    for (String name : List.of(SAMPLED, "calculator")) {
      Price price = price(name);
      try (OnnxLanguageModel model = ModelFiles.load(name)) {
        for (ObjectNode line : lines) {
          ((ObjectNode) line.get("models")).set(name, answered(model, price, line, 0, 0));
        }
      }
    }
    write(lines, "starter-chains.jsonl");
  }

  private static void write(List<ObjectNode> lines, String name) throws IOException {
    Path file = Path.of("target", "replay", name);
    Files.createDirectories(file.getParent());
    Files.write(file, lines.stream().map(ObjectNode::toString).toList());
  }

  private static ObjectNode line(TaskItem item, String split) {
    var line =
        JSON.createObjectNode()
            .put("dataset", item.task())
            .put("split", split)
            .put("query", item.prompt())
            .put("reference", item.reference());
    line.putObject("models");
    line.putObject("rewards");
    return line;
  }

  private static List<String> writers() {
    return ModelFiles.starterNames().stream().filter(name -> !name.equals("step-judge")).toList();
  }

  /** How probable a model finds every answer; of those that it cannot write it says nothing. */
  private static ObjectNode scored(OnnxLanguageModel model, Price price, ObjectNode line) {
    ObjectNode its = JSON.createObjectNode();
    ObjectNode texts = its.putObject("texts");
    long start = System.nanoTime();
    try (DecodeSession session = model.open()) {
      int[] prompt = model.prompt(List.of(new Turn("user", line.get("query").asText())));
      var said = new TreeMap<String, int[]>();
      for (JsonNode answer : line.get("models")) {
        String text = answer.get("response").asText();
        model
            .tokenizer()
            .encodeBehind(text)
            .filter(tokens -> prompt.length + tokens.length < model.contextLength())
            .ifPresent(tokens -> said.put(text, tokens));
      }
      int tokens = prompt.length;
      if (!said.isEmpty()) {
        session.append(prompt);
        Iterator<double[]> logprobs = session.score(List.copyOf(said.values())).iterator();
        for (var text : said.entrySet()) {
          tokens += text.getValue().length;
          texts
              .putObject(text.getKey())
              .put("sum", Arrays.stream(logprobs.next()).sum())
              .put("tokens", text.getValue().length);
        }
      }
      return its.put("cost", tokens * price.prompt() / 1e6)
          .put("seconds", (System.nanoTime() - start) / 1e9);
    }
  }

  private static ObjectNode answered(
      OnnxLanguageModel model, Price price, ObjectNode line, double temperature, long seed) {
    ObjectNode its = JSON.createObjectNode();
    long start = System.nanoTime();
    try (DecodeSession session = model.open()) {
      int[] prompt = model.prompt(List.of(new Turn("user", line.get("query").asText())));
      if (prompt.length >= session.remaining()) {
        return its.put("response", "").put("score", 0);
      }
      session.append(prompt);
      ArrayNode logprobs = JSON.createArrayNode();
      Answer answer =
          new AnswerWriter(
                  session,
                  model.tokenizer(),
                  new Sampling(
                      temperature,
                      1,
                      OptionalInt.empty(),
                      List.of(),
                      OptionalInt.of(MOST_TOKENS),
                      true,
                      0),
                  seeded(line, seed))
              .write((text, tokens) -> tokens.forEach(token -> logprobs.add(token.logprob())));
      boolean right =
          answer.finish() == Answer.Finish.STOP
              && TaskItem.finalAnswer(answer.text()).equals(line.get("reference").asText());
      AnswerSignals signals = answer.signals();
      return its.put("response", answer.text())
          .put("score", right ? 1 : 0)
          .put(
              "cost", (prompt.length * price.prompt() + answer.tokens() * price.completion()) / 1e6)
          .put("seconds", (System.nanoTime() - start) / 1e9)
          .put("mean_logprob", signals.meanLogprob())
          .put("sum_logprob", signals.sumLogprob())
          .put("min_logprob", signals.minLogprob())
          .put("mean_distance_to_uniform", signals.meanDistanceToUniform())
          .put("min_distance_to_uniform", signals.minDistanceToUniform())
          .set("token_logprobs", logprobs);
    }
  }

  private static Random seeded(ObjectNode line, long seed) {
    // Neighbouring seeds of Random begin alike.
    return new Random(
        new SplittableRandom(SEED * line.get("query").asText().hashCode() + seed).nextLong());
  }

  private static Price price(String name) {
    try {
      var json =
          JSON.readTree(
              Path.of("..", "deploy", "local", "sample", "models", name + ".json").toFile());
      return new Price(
          json.get("usd_per_million_prompt_tokens").asDouble(),
          json.get("usd_per_million_completion_tokens").asDouble());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** None of the committed questions. */
  private static List<TaskItem> generated(Task task, int questions) {
    Set<String> committed =
        HeldOutSet.of(task.name()).items().stream()
            .map(TaskItem::prompt)
            .collect(Collectors.toSet());
    var items = new ArrayList<TaskItem>();
    task.heldOutUpTo(questions + committed.size(), SEED).stream()
        .filter(item -> !committed.contains(item.prompt()))
        .limit(questions)
        .forEach(items::add);
    var random = new SplittableRandom(SEED);
    while (items.size() < questions) {
      items.add(task.train(random));
    }
    return items;
  }
}
