package dev.tutti.starter;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.starter.eval.Answer;
import dev.tutti.starter.eval.GreedyRun;
import dev.tutti.starter.eval.OnnxDecoder;
import dev.tutti.starter.eval.StepJudge;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A committed model with its tokenizer, which answers text. */
final class StarterModel implements AutoCloseable {

  private static final int MAX_TOKENS = 64;

  private final OnnxDecoder decoder;
  private final HuggingFaceTokenizer tokenizer;
  private final JsonNode config;

  StarterModel(String name) throws IOException, OrtException {
    config = StarterFiles.json(name + "/config.json");
    tokenizer = StarterFiles.tokenizer(name);
    decoder = new OnnxDecoder(StarterFiles.bytes(name + "/model.onnx"));
  }

  /** Which questions it answers right, greedily; one that does not fit is not answered. */
  boolean[] right(List<TaskItem> items) throws OrtException {
    int context = number("max_position_embeddings");
    GreedyRun run =
        new GreedyRun(List.of(decoder), number("bos_token_id"), number("eos_token_id"), context);
    boolean[] right = new boolean[items.size()];
    List<int[]> prompts = items.stream().map(item -> ids(item.prompt())).toList();
    List<Integer> fitting =
        IntStream.range(0, right.length)
            .filter(i -> prompts.get(i).length + 1 < context)
            .boxed()
            .toList();
    List<Answer> answers = run.answer(fitting.stream().map(prompts::get).toList(), MAX_TOKENS);
    for (int a = 0; a < answers.size(); a++) {
      Answer answer = answers.get(a);
      String text = tokenizer.decode(Arrays.stream(answer.tokens()).asLongStream().toArray(), true);
      right[fitting.get(a)] = answer.ended() && items.get(fitting.get(a)).isRight(text);
    }
    return right;
  }

  /** It, read as a step judge. */
  StepJudge judge() {
    return new StepJudge(decoder, number("bos_token_id"), this::ids);
  }

  static double share(boolean[] right) {
    int count = 0;
    for (boolean one : right) {
      count += one ? 1 : 0;
    }
    return count / (double) right.length;
  }

  private int number(String key) {
    return config.get(key).asInt();
  }

  private int[] ids(String text) {
    return Arrays.stream(tokenizer.encode(text, false, false).getIds())
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  @Override
  public void close() throws OrtException {
    decoder.close();
    tokenizer.close();
  }
}
