package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How fast GaC decodes, against what its members' bare forward passes allow, measured in turns
 * within one run: {@code ./mvnw -pl decoder-service -am test -Pbenchmark}.
 *
 * <p>A bare pass appends one token to a member's session and runs its graph; there is no softmax,
 * and nothing is aligned, combined, picked, or made text. What the bare passes allow is one step of
 * the ensemble per the sum of its members' passes where they run one after the other, per the
 * slowest hand-over and return where they run side by side. Both read the same prompt first. GaC is
 * measured whole: passes, alignment, mean, pick, log-probabilities and entropies, stop strings,
 * text. The table has medians over all rounds, the ratio's being that of each round's own ratio;
 * below 0.85 the benchmark fails.
 */
@Tag("benchmark")
class GacBenchmark {

  /** What GaC must reach of its members' bare passes. */
  private static final double LEAST = .85;

  private static final int ROUNDS = 40;
  private static final int WARM_UP = 10;
  private static final int REPEATS = 5;
  private static final int TOKENS = 40;
  private static final Sampling FORTY =
      new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(TOKENS), false, 0);
  private static final List<Turn> QUESTION = List.of(new Turn("user", "123+456="));

  @Test
  void gacAgainstBarePasses() {
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    System.out.println("| members | passes | bare, tokens/s | GaC, tokens/s | GaC / bare |");
    System.out.println("|---|---|---|---|---|");
    try (var sideBySide = new SideBySide(Runtime.getRuntime().availableProcessors())) {
      for (var names :
          List.of(
              List.of("adder-weak-1", "adder-weak-2", "adder-weak-3"),
              List.of("adder-weak-1", "adder-strong"))) {
        measure(runtime, names, "one after the other", StepRunner.SEQUENTIAL);
        measure(runtime, names, "side by side", sideBySide);
      }
    }
  }

  private static void measure(
      OnnxRuntime runtime, List<String> names, String how, StepRunner runner) {
    List<OnnxLanguageModel> models =
        names.stream()
            .map(
                n -> OnnxLanguageModel.load(n, runtime, ModelFolder.below(ModelFiles.starter(), n)))
            .toList();
    FusionPlan plan =
        new GacEnsemble(GacEnsemble.Settings.DEFAULTS)
            .plan(
                models.stream()
                    .map(m -> new TokenMember(m.name(), 1, new NeverEnding(m.tokenizer())))
                    .toList());
    var bare = new double[ROUNDS];
    var fused = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      double bareSeconds = 0;
      double fusedSeconds = 0;
      for (int i = 0; i < REPEATS; i++) {
        // Each is first as often as the other.
        if ((round + i) % 2 == 0) {
          bareSeconds += bare(models, runner);
          fusedSeconds += fused(plan, models, runner);
        } else {
          fusedSeconds += fused(plan, models, runner);
          bareSeconds += bare(models, runner);
        }
      }
      if (round >= 0) {
        bare[round] = REPEATS * TOKENS / bareSeconds;
        fused[round] = REPEATS * TOKENS / fusedSeconds;
      }
    }
    models.forEach(OnnxLanguageModel::close);
    var ratios = new double[ROUNDS];
    Arrays.setAll(ratios, round -> fused[round] / bare[round]);
    double ratio = median(ratios);
    System.out.printf(
        "| %s | %s | %,.0f | %,.0f | %.3f |%n",
        String.join(", ", names), how, median(bare), median(fused), ratio);
    assertTrue(ratio >= LEAST, "GaC reaches %.3f of the bare passes".formatted(ratio));
  }

  /** Of rounds in turns: what else the machine does slows both, and a lucky round counts once. */
  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(ROUNDS - 1) / 2] + sorted[ROUNDS / 2]) / 2;
  }

  private static List<DecodeSession> sessions(List<OnnxLanguageModel> models) {
    var sessions = new ArrayList<DecodeSession>();
    for (OnnxLanguageModel model : models) {
      DecodeSession session = model.open();
      session.append(model.prompt(QUESTION));
      sessions.add(session);
    }
    return sessions;
  }

  private static List<TokenPrompt> prompts(List<OnnxLanguageModel> models) {
    return models.stream()
        .map(model -> new TokenPrompt(model, model.contextLength(), model.prompt(QUESTION)))
        .toList();
  }

  /** Seconds for the prompt and TOKENS passes of every member. */
  private static double bare(List<OnnxLanguageModel> models, StepRunner runner) {
    List<DecodeSession> sessions = sessions(models);
    int[] digits = models.stream().mapToInt(model -> model.tokenizer().encode("7")[0]).toArray();
    long start = System.nanoTime();
    for (int i = 0; i < TOKENS; i++) {
      boolean first = i == 0;
      runner.run(
          sessions.size(),
          m -> {
            if (!first) {
              sessions.get(m).append(digits[m]);
            }
            ((OnnxDecodeSession) sessions.get(m)).readPending();
          });
    }
    long nanos = System.nanoTime() - start;
    sessions.forEach(DecodeSession::close);
    return nanos / 1e9;
  }

  /** Seconds for an answer of TOKENS tokens. */
  private static double fused(FusionPlan plan, List<OnnxLanguageModel> models, StepRunner runner) {
    try (FusedSession session = plan.open(prompts(models), runner)) {
      long start = System.nanoTime();
      var writer = new AnswerWriter(session, plan.aligner().shared(), FORTY, new Random(1));
      int tokens = writer.write((text, traces) -> {}).tokens();
      if (tokens != TOKENS) {
        throw new AssertionError(tokens + " tokens");
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  /** A tokenizer whose end is a piece of text, so that answers go on. */
  private record NeverEnding(Tokenizer inner) implements Tokenizer {

    private static final byte[] END = "¶".getBytes(StandardCharsets.UTF_8);

    @Override
    public int size() {
      return inner.size();
    }

    @Override
    public byte[] bytes(int token) {
      return inner.isEnd(token) ? END : inner.bytes(token);
    }

    @Override
    public boolean isSpecial(int token) {
      return inner.isSpecial(token) && !inner.isEnd(token);
    }

    @Override
    public boolean isEnd(int token) {
      return false;
    }

    @Override
    public int[] encode(String text) {
      return inner.encode(text);
    }
  }
}
