package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.starter.eval.Answer;
import dev.tutti.starter.eval.GreedyRun;
import dev.tutti.starter.eval.OnnxDecoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the adders are worth together, measured on text with the committed files. */
class AdderAccuracyTest {

  private static final int MAX_TOKENS = 8;
  private static final double CASCADE_THRESHOLD = 0.8;

  private static List<TaskItem> questions;
  private static final Map<String, OnnxDecoder> DECODERS = new LinkedHashMap<>();
  private static final Map<String, List<Answer>> ANSWERS = new LinkedHashMap<>();
  private static final Map<String, boolean[]> RIGHT = new LinkedHashMap<>();

  @BeforeAll
  static void answerAll() throws IOException, OrtException {
    questions = StarterFiles.heldOut(AdditionTask.NAME);
    for (String model : StarterFiles.ADDERS) {
      DECODERS.put(model, new OnnxDecoder(StarterFiles.bytes(model + "/model.onnx")));
      ANSWERS.put(model, answers(model, List.of(DECODERS.get(model))));
      RIGHT.put(model, right(model, ANSWERS.get(model)));
      System.out.printf("%s %.1f %%%n", model, 100 * share(RIGHT.get(model)));
    }
  }

  @AfterAll
  static void close() throws OrtException {
    for (OnnxDecoder decoder : DECODERS.values()) {
      decoder.close();
    }
  }

  @Test
  void theWeakOnesAreWeakAndTheStrongOneIsStrong() {
    for (String model : StarterFiles.WEAK) {
      double accuracy = share(RIGHT.get(model));
      assertTrue(accuracy >= 0.4 && accuracy <= 0.7, model + " " + accuracy);
    }
    assertTrue(share(RIGHT.get(StarterFiles.STRONG)) >= 0.98);
  }

  @Test
  void theMeanOfTheWeakOnesDistributionsBeatsTheBestByTenPoints() throws IOException, OrtException {
    List<OnnxDecoder> weak = StarterFiles.WEAK.stream().map(DECODERS::get).toList();
    String first = StarterFiles.WEAK.getFirst();
    double mean = share(right(first, answers(first, weak)));
    double best =
        StarterFiles.WEAK.stream().mapToDouble(model -> share(RIGHT.get(model))).max().orElse(1);
    System.out.printf("mean of three %.1f %%, best of them %.1f %%%n", 100 * mean, 100 * best);
    assertTrue(mean >= best + 0.10, mean + " against " + best);
  }

  @Test
  void aCascadeKeepsTheStrongOnesAccuracyForLess() throws IOException {
    String weak = StarterFiles.WEAK.getFirst();
    String strong = StarterFiles.STRONG;
    long[] weakCosts = costs(weak);
    long[] strongCosts = costs(strong);
    boolean[] cascade = RIGHT.get(strong).clone();
    long cost = Arrays.stream(weakCosts).sum();
    int accepted = 0;
    for (int i = 0; i < cascade.length; i++) {
      if (ANSWERS.get(weak).get(i).probability() >= CASCADE_THRESHOLD) {
        cascade[i] = RIGHT.get(weak)[i];
        accepted++;
      } else {
        cost += strongCosts[i];
      }
    }
    double relative = cost / (double) Arrays.stream(strongCosts).sum();
    System.out.printf(
        "cascade %.1f %%, %d of %d answered by %s, at %.1f %% of the cost%n",
        100 * share(cascade), accepted, cascade.length, weak, 100 * relative);
    assertTrue(share(cascade) >= share(RIGHT.get(strong)) - 0.005);
    assertTrue(accepted >= cascade.length / 4);
    assertTrue(relative <= 0.9, "relative cost " + relative);
  }

  /** Cost of each answer where a token, begin and end included, costs the model's parameters. */
  private static long[] costs(String model) throws IOException {
    long parameters = StarterFiles.json(model + "/manifest.json").get("parameters").asLong();
    List<int[]> prompts = prompts(model);
    long[] costs = new long[prompts.size()];
    for (int i = 0; i < costs.length; i++) {
      Answer answer = ANSWERS.get(model).get(i);
      int written = answer.tokens().length + (answer.ended() ? 1 : 0);
      costs[i] = parameters * (1 + prompts.get(i).length + written);
    }
    return costs;
  }

  @Test
  void theContextHoldsUpToItsEnd() throws IOException, OrtException {
    String strong = StarterFiles.STRONG;
    int context = StarterFiles.json(strong + "/config.json").get("max_position_embeddings").asInt();
    List<int[]> prompts = prompts(strong);
    List<int[]> references = texts(strong, questions.stream().map(TaskItem::reference).toList());
    JsonNode config = StarterFiles.json(strong + "/config.json");
    int[] between = {config.get("eos_token_id").asInt(), config.get("bos_token_id").asInt()};
    List<int[]> longPrompts = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      int[] prompt = prompts.get(i);
      for (int j = i + 1; ; j++) {
        int other = j % prompts.size();
        int[] longer = join(prompts.get(other), references.get(other), between, prompt);
        if (1 + longer.length + MAX_TOKENS > context) {
          break;
        }
        prompt = longer;
      }
      longPrompts.add(prompt);
    }
    double accuracy = share(right(strong, run(strong, List.of(DECODERS.get(strong)), longPrompts)));
    System.out.printf(
        "%s after other sums, in %d tokens: %.1f %%%n", strong, context, 100 * accuracy);
    assertEquals(share(RIGHT.get(strong)), accuracy, 0.03);
  }

  private static List<Answer> answers(String tokenizerOf, List<OnnxDecoder> members)
      throws IOException, OrtException {
    return run(tokenizerOf, members, prompts(tokenizerOf));
  }

  private static List<int[]> prompts(String model) throws IOException {
    return texts(model, questions.stream().map(TaskItem::prompt).toList());
  }

  private static List<int[]> texts(String model, List<String> texts) throws IOException {
    try (HuggingFaceTokenizer tokenizer = StarterFiles.tokenizer(model)) {
      return texts.stream()
          .map(text -> tokenizer.encode(text, false, false).getIds())
          .map(ids -> Arrays.stream(ids).mapToInt(Math::toIntExact).toArray())
          .toList();
    }
  }

  private static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  private static List<Answer> run(
      String tokenizerOf, List<OnnxDecoder> members, List<int[]> prompts)
      throws IOException, OrtException {
    JsonNode config = StarterFiles.json(tokenizerOf + "/config.json");
    int bos = config.get("bos_token_id").asInt();
    int eos = config.get("eos_token_id").asInt();
    int context = config.get("max_position_embeddings").asInt();
    return new GreedyRun(members, bos, eos, context).answer(prompts, MAX_TOKENS);
  }

  private static boolean[] right(String model, List<Answer> answers) throws IOException {
    boolean[] right = new boolean[answers.size()];
    try (HuggingFaceTokenizer tokenizer = StarterFiles.tokenizer(model)) {
      for (int i = 0; i < right.length; i++) {
        long[] ids = Arrays.stream(answers.get(i).tokens()).asLongStream().toArray();
        String text = tokenizer.decode(ids, true);
        right[i] = answers.get(i).ended() && text.equals(questions.get(i).reference());
      }
    }
    return right;
  }

  private static double share(boolean[] right) {
    int count = 0;
    for (boolean one : right) {
      count += one ? 1 : 0;
    }
    return count / (double) right.length;
  }
}
