package dev.tutti.cascade.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.learning.FitRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * What the starter models answered, as StarterAnswersReplay of decoder-service recorded it, for
 * cascades of any of them: greedy answers with their signals and their tokens' log-probabilities,
 * what they cost, further samples of one model, and the questions' embeddings. The set of a
 * question is its task. Read from {@code -Dtutti.starter=FILE}, the decoder's {@code target/replay}
 * unless said otherwise.
 */
public final class StarterCascades {

  private static final Path FILE =
      Path.of(
          System.getProperty("tutti.starter", "").isBlank()
              ? "../decoder-service/target/replay/starter-answers.jsonl"
              : System.getProperty("tutti.starter"));

  private static final Path CHAINS = FILE.resolveSibling("starter-chains.jsonl");

  /** Whose answers were drawn several times. */
  private static final String SAMPLED = "generalist";

  private record Question(boolean heldOut, Row row) {}

  private final List<String> members;
  private final List<Question> questions = new ArrayList<>();
  private final Map<Long, String> references = new HashMap<>();
  private final Map<Long, List<Recorded>> drawn = new HashMap<>();
  private final RecordedEmbeddings embeddings = new RecordedEmbeddings();

  private StarterCascades(List<JsonNode> lines) {
    members = lines.getFirst().get("models").properties().stream().map(Map.Entry::getKey).toList();
    embed(lines.stream().map(line -> line.get("query").asText()).toList());
    for (JsonNode line : lines) {
      references.put(FitRequest.number(line.get("query").asText()), line.get("reference").asText());
      questions.add(new Question(line.get("split").asText().equals("held_out"), row(line)));
    }
  }

  /** Empty where nothing was recorded. */
  public static Optional<StarterCascades> read() {
    return read(FILE);
  }

  private static Optional<StarterCascades> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    var json = new JsonMapper();
    var lines = new ArrayList<JsonNode>();
    try {
      for (String line : Files.readAllLines(file)) {
        lines.add(json.readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
    return Optional.of(new StarterCascades(lines));
  }

  /** The same, for a test that is passed over where nothing was recorded. */
  public static StarterCascades require() {
    return require(FILE);
  }

  /** Chains alone, ten times as many generated ones, of the two members that cascade over them. */
  public static StarterCascades requireChains() {
    return require(CHAINS);
  }

  private static StarterCascades require(Path file) {
    Optional<StarterCascades> recorded = read(file);
    Assumptions.assumeTrue(
        recorded.isPresent(), "Run the replay StarterAnswersReplay of decoder-service first.");
    return recorded.get();
  }

  /** All models that write, in the order of the recording. */
  public List<String> members() {
    return members;
  }

  /**
   * Questions that methods may be fitted to.
   *
   * @param chain members in the order of the columns
   */
  public RecordedOutcomes generated(List<String> chain) {
    return of(false, chain);
  }

  /**
   * Questions that nothing is fitted to. Nothing is chosen by them but for {@code der}: its fit's
   * axes, decay, buffers and epochs were settled in runs that showed their figures too.
   */
  public RecordedOutcomes held(List<String> chain) {
    return of(true, chain);
  }

  private RecordedOutcomes of(boolean heldOut, List<String> chain) {
    int[] columns = chain.stream().mapToInt(members::indexOf).toArray();
    return new RecordedOutcomes(
        chain,
        questions.stream()
            .filter(question -> question.heldOut() == heldOut)
            .map(question -> only(question.row(), columns))
            .toList());
  }

  private static Row only(Row row, int[] columns) {
    return new Row(
        row.number(),
        row.set(),
        row.query(),
        row.embedding(),
        IntStream.of(columns).mapToObj(row.outcomes()::get).toList());
  }

  /** Those of some tasks. */
  public static RecordedOutcomes tasks(RecordedOutcomes data, Collection<String> tasks) {
    return new RecordedOutcomes(
        data.members(), data.rows().stream().filter(row -> tasks.contains(row.set())).toList());
  }

  /** Members as a recipe tells them, with what their answers cost on average. */
  public static List<MemberCard> cards(RecordedOutcomes data) {
    var cards = new ArrayList<MemberCard>();
    for (int m = 0; m < data.members().size(); m++) {
      cards.add(MemberCard.of(data.members().get(m), 1).costing(data.usd(m)));
    }
    return cards;
  }

  /** Mean over the tasks of their means over these questions. */
  public static double macro(RecordedOutcomes data, ToDoubleFunction<Row> value) {
    var sums = new TreeMap<String, double[]>();
    for (Row row : data.rows()) {
      double[] sum = sums.computeIfAbsent(row.set(), _ -> new double[2]);
      sum[0] += value.applyAsDouble(row);
      sum[1]++;
    }
    return sums.values().stream().mapToDouble(sum -> sum[0] / sum[1]).average().orElseThrow();
  }

  /** What it costs to ask all models, on average over the held-out questions of each task. */
  public double everybody() {
    return macro(
        held(members),
        row -> row.outcomes().stream().flatMap(Optional::stream).mapToDouble(Recorded::usd).sum());
  }

  /**
   * What a question is worth in {@link #macro}: its share of its task's questions, by the tasks.
   */
  public static double[] weights(RecordedOutcomes data) {
    var counts = new TreeMap<String, Integer>();
    data.rows().forEach(row -> counts.merge(row.set(), 1, Integer::sum));
    return data.rows().stream()
        .mapToDouble(row -> 1.0 / counts.get(row.set()) / counts.size())
        .toArray();
  }

  /** What would be right. */
  public String reference(Row row) {
    return references.get(row.number());
  }

  /** Computes embeddings of texts, answers for instance, once; those of the questions are there. */
  public void embed(Collection<String> texts) {
    embeddings.embed(texts.stream().filter(text -> !text.isBlank()).toList());
  }

  /** The embedding of a question, or of a text that {@link #embed} was given; null of none. */
  public float[] embedding(String text) {
    return embeddings.of(text);
  }

  /** Further answers of {@value #SAMPLED} to a question, each with its own worth and cost. */
  public List<Recorded> drawn(Row row) {
    return drawn.get(row.number());
  }

  private Row row(JsonNode line) {
    String query = line.get("query").asText();
    var further = new ArrayList<Recorded>();
    line.path("sampled").forEach(its -> further.add(recorded(its, List.of())));
    drawn.put(FitRequest.number(query), further);
    var outcomes = new ArrayList<Optional<Recorded>>();
    for (String member : members) {
      var samples = new ArrayList<String>();
      if (member.equals(SAMPLED)) {
        line.path("sampled").forEach(its -> samples.add(its.get("response").asText()));
      }
      JsonNode its = line.get("models").get(member);
      // What does not fit a model's context it does not answer.
      outcomes.add(its.has("cost") ? Optional.of(recorded(its, samples)) : Optional.empty());
    }
    return new Row(
        FitRequest.number(query),
        line.get("dataset").asText(),
        new Query(query),
        Optional.of(embeddings.of(query)),
        outcomes);
  }

  private static Recorded recorded(JsonNode its, List<String> samples) {
    var logprobs = new ArrayList<Double>();
    its.get("token_logprobs").forEach(logprob -> logprobs.add(logprob.asDouble()));
    return new Recorded(
        its.get("response").asText(),
        new AnswerSignals(
            number(its, "mean_logprob"),
            number(its, "sum_logprob"),
            number(its, "min_logprob"),
            number(its, "mean_distance_to_uniform"),
            number(its, "min_distance_to_uniform"),
            logprobs),
        its.get("score").asDouble(),
        its.get("cost").asDouble(),
        samples);
  }

  private static OptionalDouble number(JsonNode its, String name) {
    return OptionalDouble.of(its.get(name).asDouble());
  }

  /** What a method does with these questions. */
  public static List<RecordedRun> runs(CascadeMethod method, RecordedOutcomes data) {
    List<MemberCard> cards = cards(data);
    return data.rows().stream().map(row -> RecordedRun.of(method, cards, row)).toList();
  }
}
