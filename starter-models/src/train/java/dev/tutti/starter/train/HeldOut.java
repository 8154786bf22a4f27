package dev.tutti.starter.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.starter.Task;
import dev.tutti.starter.TaskItem;
import dev.tutti.starter.eval.Answer;
import dev.tutti.starter.eval.GreedyRun;
import dev.tutti.starter.eval.OnnxDecoder;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A set of held-out questions.
 *
 * @param items how many
 * @param seed with which they are drawn
 */
record HeldOut(int items, long seed) {

  /** The set that is committed as {@code eval/TASK.jsonl}. */
  static final HeldOut COMMITTED = new HeldOut(500, 2026);

  /**
   * A larger set, drawn when needed. Not much larger: there are some 400 held-out sums of two
   * numbers of two digits, and a set that runs out of them is a harder one.
   */
  static final HeldOut LARGE = new HeldOut(1000, 2027);

  /** Where a cascade's threshold is chosen, so that the two sets above can judge the choice. */
  static final List<HeldOut> CHOICE =
      LongStream.rangeClosed(3001, 3005).mapToObj(seed -> new HeldOut(1000, seed)).toList();

  /** Room for every answer, its end not counted. */
  static final int MAX_TOKENS = 8;

  List<TaskItem> draw(Task task) {
    return task.heldOut(items, seed);
  }

  /** Writes the set, one JSON object a line. */
  void write(Path file, Task task) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (TaskItem item : draw(task)) {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("id", item.id()).put("task", item.task());
      node.put("prompt", item.prompt()).put("reference", item.reference());
      lines.append(new ObjectMapper().writeValueAsString(node)).append('\n');
    }
    Files.createDirectories(file.getParent());
    Files.writeString(file, lines);
  }

  /** Accuracy of a model as trained and as stored. */
  ObjectNode measured(Recipe recipe, BpeVocabulary vocabulary, byte[] exact, byte[] stored)
      throws Exception {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("items", items).put("seed", seed);
    node.put("accuracy", accuracy(recipe, vocabulary, stored));
    return node.put("accuracy_fp32", accuracy(recipe, vocabulary, exact));
  }

  private double accuracy(Recipe recipe, BpeVocabulary vocabulary, byte[] model) throws Exception {
    List<TaskItem> questions = draw(recipe.task());
    try (OnnxDecoder decoder = new OnnxDecoder(model)) {
      List<Answer> answers = answers(vocabulary, List.of(decoder), questions);
      return share(right(vocabulary, questions, answers));
    }
  }

  /** Greedy answers of one model, or of several by the mean of their distributions. */
  static List<Answer> answers(
      BpeVocabulary vocabulary, List<OnnxDecoder> members, List<TaskItem> questions)
      throws Exception {
    return new GreedyRun(members, BpeVocabulary.BOS, BpeVocabulary.EOS)
        .answer(questions.stream().map(q -> vocabulary.encode(q.prompt())).toList(), MAX_TOKENS);
  }

  /** Which answers are exactly right and ended. */
  static boolean[] right(BpeVocabulary vocabulary, List<TaskItem> questions, List<Answer> answers) {
    boolean[] right = new boolean[questions.size()];
    for (int i = 0; i < right.length; i++) {
      Answer answer = answers.get(i);
      right[i] =
          answer.ended() && vocabulary.decode(answer.tokens()).equals(questions.get(i).reference());
    }
    return right;
  }

  static double share(boolean[] right) {
    int count = 0;
    for (boolean one : right) {
      count += one ? 1 : 0;
    }
    return count / (double) right.length;
  }
}
