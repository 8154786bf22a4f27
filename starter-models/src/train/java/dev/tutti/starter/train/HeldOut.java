package dev.tutti.starter.train;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.starter.AdditionTask;
import dev.tutti.starter.JudgedSteps;
import dev.tutti.starter.Task;
import dev.tutti.starter.TaskItem;
import dev.tutti.starter.Tasks;
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
 * A set of held-out questions of any task.
 *
 * @param items how many at most; all that there are where a task holds out fewer
 * @param seed with which they are drawn
 */
record HeldOut(int items, long seed) {

  /**
   * A larger set, drawn when needed. Not much larger: there are some 400 held-out sums of two
   * numbers of two digits, and a set that runs out of them is a harder one.
   */
  static final HeldOut LARGE = new HeldOut(1000, 2027);

  /** Where a cascade's threshold is chosen, so that the other sets can judge the choice. */
  static final List<HeldOut> CHOICE =
      LongStream.rangeClosed(3001, 3005).mapToObj(seed -> new HeldOut(1000, seed)).toList();

  /** Room for every answer, its end not counted. */
  static final int MAX_TOKENS = 64;

  private static final long COMMITTED_SEED = 2026;

  /** The set that is committed as {@code eval/TASK.jsonl}: 500 sums, 200 of every other task. */
  static HeldOut committed(String task) {
    return new HeldOut(task.equals(AdditionTask.NAME) ? 500 : 200, COMMITTED_SEED);
  }

  List<TaskItem> draw(Task task) {
    return task.heldOutUpTo(items, seed);
  }

  /** Writes the committed sets of all tasks and of judged steps. */
  static void writeAll(Path folder) throws IOException {
    for (Task task : Tasks.ALL) {
      write(folder, task);
    }
    writeSteps(folder);
  }

  private static void write(Path folder, Task task) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (TaskItem item : committed(task.name()).draw(task)) {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("id", item.id()).put("task", item.task()).put("prompt", item.prompt());
      if (!item.answer().equals(item.reference())) {
        node.put("answer", item.answer());
      }
      node.put("reference", item.reference());
      lines.append(new ObjectMapper().writeValueAsString(node)).append('\n');
    }
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(task.name() + ".jsonl"), lines);
  }

  private static void writeSteps(Path folder) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (JudgedSteps item : committed(JudgedSteps.NAME).drawSteps()) {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("id", item.id()).put("prompt", item.prompt());
      item.steps().forEach(node.putArray("steps")::add);
      node.put("first_wrong", item.firstWrong());
      lines.append(new ObjectMapper().writeValueAsString(node)).append('\n');
    }
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(JudgedSteps.NAME + ".jsonl"), lines);
  }

  List<JudgedSteps> drawSteps() {
    return JudgedSteps.heldOut(items, seed);
  }

  /** Share of a task's questions that an exported model answers right. */
  double accuracy(Task task, BpeVocabulary vocabulary, int context, byte[] model) {
    List<TaskItem> questions = draw(task);
    try (OnnxDecoder decoder = new OnnxDecoder(model)) {
      return share(
          right(vocabulary, questions, answers(vocabulary, context, List.of(decoder), questions)));
    } catch (OrtException e) {
      throw new IllegalStateException("the exported model does not run", e);
    }
  }

  /** Greedy answers of one model, or of several by the mean of their distributions. */
  static List<Answer> answers(
      BpeVocabulary vocabulary, int context, List<OnnxDecoder> members, List<TaskItem> questions)
      throws OrtException {
    return new GreedyRun(members, BpeVocabulary.BOS, BpeVocabulary.EOS, context)
        .answer(questions.stream().map(q -> vocabulary.encode(q.prompt())).toList(), MAX_TOKENS);
  }

  /** Which answers come to the reference and ended. */
  static boolean[] right(BpeVocabulary vocabulary, List<TaskItem> questions, List<Answer> answers) {
    boolean[] right = new boolean[questions.size()];
    for (int i = 0; i < right.length; i++) {
      Answer answer = answers.get(i);
      right[i] = answer.ended() && questions.get(i).isRight(vocabulary.decode(answer.tokens()));
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
