package dev.tutti.fusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.RecordedEmbeddings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What the starter models answered, as StarterAnswersReplay of decoder-service recorded it, with
 * everything that a method may look at: embeddings, log-probabilities, and how probable each model
 * finds the others' answers. The set of a question is its task.
 */
public final class StarterAnswers {

  private static final Path FILE =
      Path.of("..", "decoder-service", "target", "replay", "starter-answers.jsonl");

  /** What something took, in US dollars and seconds. */
  public record Taken(double usd, double seconds) {

    private static Taken of(JsonNode its) {
      return new Taken(its.path("cost").asDouble(), its.path("seconds").asDouble());
    }

    /** Both, at the same time. */
    private Taken beside(Taken other) {
      return new Taken(usd + other.usd, Math.max(seconds, other.seconds));
    }

    /** One after the other. */
    public Taken then(Taken other) {
      return new Taken(usd + other.usd, seconds + other.seconds);
    }
  }

  /**
   * A question.
   *
   * @param row its answers
   * @param answers what each member's took
   * @param rewards what each member took to score them all
   * @param sampled further answers of one member
   * @param sampling what these took, all together
   */
  public record Question(
      Row row,
      Map<String, Taken> answers,
      Map<String, Taken> rewards,
      List<Said> sampled,
      Taken sampling) {}

  /** An answer, and whether it is right. */
  public record Said(String text, double score) {}

  private final List<String> members = new ArrayList<>();
  private final List<Question> generated = new ArrayList<>();
  private final List<Question> held = new ArrayList<>();

  private StarterAnswers() {}

  /** Empty where nothing was recorded. */
  public static Optional<StarterAnswers> read() throws IOException {
    if (!Files.exists(FILE)) {
      return Optional.empty();
    }
    var json = new JsonMapper();
    var lines = new ArrayList<JsonNode>();
    for (String line : Files.readAllLines(FILE)) {
      lines.add(json.readTree(line));
    }
    var answers = new StarterAnswers();
    lines.getFirst().get("models").fieldNames().forEachRemaining(answers.members::add);
    var texts = new ArrayList<String>();
    for (JsonNode line : lines) {
      texts.add(line.get("query").asText());
      line.get("models").forEach(its -> texts.add(its.get("response").asText()));
    }
    texts.removeIf(String::isBlank);
    var embeddings = new RecordedEmbeddings();
    embeddings.embed(texts);
    for (JsonNode line : lines) {
      boolean heldOut = line.get("split").asText().equals("held_out");
      (heldOut ? answers.held : answers.generated).add(answers.question(line, embeddings));
    }
    return Optional.of(answers);
  }

  /** The models, in the order of the answers. */
  public List<String> members() {
    return Collections.unmodifiableList(members);
  }

  /** Questions that methods may be fitted to. */
  public RecordedAnswers generated() {
    return new RecordedAnswers(members, generated.stream().map(Question::row).toList());
  }

  /** Questions that nothing is fitted to. */
  public List<Question> held() {
    return Collections.unmodifiableList(held);
  }

  private Question question(JsonNode line, RecordedEmbeddings embeddings) {
    var answers = new ArrayList<Answer>();
    var signals = new ArrayList<AnswerSignals>();
    var vectors = new ArrayList<Optional<float[]>>();
    var taken = new LinkedHashMap<String, Taken>();
    var scores = new float[members.size()];
    for (int m = 0; m < scores.length; m++) {
      JsonNode its = line.get("models").get(members.get(m));
      String text = its.get("response").asText();
      answers.add(new Answer(members.get(m), 1, text));
      vectors.add(Optional.ofNullable(embeddings.of(text)));
      signals.add(signals(its));
      scores[m] = its.get("score").asInt();
      taken.put(members.get(m), Taken.of(its));
    }
    var rewarded = new LinkedHashMap<String, Taken>();
    SequencedMap<String, List<Optional<TextScore>>> rewards = new LinkedHashMap<>();
    for (String scorer : members) {
      JsonNode its = line.get("rewards").get(scorer);
      rewards.put(scorer, answers.stream().map(a -> reward(its, a.text())).toList());
      rewarded.put(scorer, Taken.of(its));
    }
    var sampled = new ArrayList<Said>();
    Taken sampling = new Taken(0, 0);
    for (JsonNode its : line.path("sampled")) {
      sampled.add(new Said(its.get("response").asText(), its.get("score").asInt()));
      sampling = sampling.beside(Taken.of(its));
    }
    String task = line.get("dataset").asText();
    String query = line.get("query").asText();
    var row =
        new Row(
            generated.size() + held.size(),
            task,
            Map.of("task", task),
            new Query(query),
            new Candidates(
                answers,
                new Evidence(Optional.of(embeddings.of(query)), vectors, rewards, signals)),
            scores);
    return new Question(row, taken, rewarded, sampled, sampling);
  }

  private static Optional<TextScore> reward(JsonNode its, String text) {
    JsonNode score = its.get("texts").path(text);
    if (score.isMissingNode()) {
      return Optional.empty();
    }
    double sum = score.get("sum").asDouble();
    int tokens = score.get("tokens").asInt();
    return Optional.of(new TextScore(sum, Collections.nCopies(tokens, sum / tokens)));
  }

  private static AnswerSignals signals(JsonNode its) {
    return new AnswerSignals(
        number(its, "mean_logprob"),
        number(its, "sum_logprob"),
        number(its, "min_logprob"),
        number(its, "mean_distance_to_uniform"),
        number(its, "min_distance_to_uniform"));
  }

  private static OptionalDouble number(JsonNode its, String name) {
    return its.has(name) ? OptionalDouble.of(its.get(name).asDouble()) : OptionalDouble.empty();
  }

  /** What it takes, on average, to ask all members at once. */
  public Taken asked() {
    return mean(question -> together(question.answers()));
  }

  /** The mean over the held-out questions. */
  public Taken mean(Function<Question, Taken> taken) {
    return new Taken(
        held.stream().mapToDouble(q -> taken.apply(q).usd()).average().orElseThrow(),
        held.stream().mapToDouble(q -> taken.apply(q).seconds()).average().orElseThrow());
  }

  /** What it takes to ask these at once. */
  public static Taken together(Map<String, Taken> taken) {
    return taken.values().stream().reduce(new Taken(0, 0), Taken::beside);
  }

  /** Mean over the tasks of their means over the held-out questions. */
  public double macro(ToDoubleFunction<Question> score) {
    Map<String, double[]> sums = new TreeMap<>();
    for (Question question : held) {
      double[] sum = sums.computeIfAbsent(question.row().set(), _ -> new double[2]);
      sum[0] += score.applyAsDouble(question);
      sum[1]++;
    }
    return sums.values().stream().mapToDouble(s -> s[0] / s[1]).average().orElseThrow();
  }

  /** The same of the answers that a method gives. */
  public double macro(Selector selector) {
    return macro(
        question ->
            question.row()
                .scores()[
                selector
                    .weigh(question.row().query(), question.row().candidates())
                    .chosen()
                    .orElseThrow()]);
  }
}
