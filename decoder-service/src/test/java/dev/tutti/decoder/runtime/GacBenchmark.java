package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.RandomDecoder;
import dev.tutti.decoder.method.token.ByteExactEnsemble;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast GaC and byte-exact decode, against what their members' bare forward passes allow,
 * measured in turns within one run: {@code ./mvnw -pl decoder-service -am test -Pbenchmark}.
 *
 * <p>A bare pass appends one token to a member's session and runs its graph; there is no softmax,
 * and nothing is aligned, combined, picked, or made text. What the bare passes allow is one step of
 * the ensemble per the sum of its members' passes where they run one after the other, per the
 * slowest hand-over and return where they run side by side. Both read the same prompt first. An
 * ensemble is measured whole: passes, alignment, mean, pick, log-probabilities and entropies, stop
 * strings, text. The table has medians over all rounds, the ratio's being that of each round's own
 * ratio; below 0.85 the benchmark fails.
 */
@Tag("benchmark")
class GacBenchmark {

  /** What an ensemble must reach of its members' bare passes. */
  private static final double LEAST = .85;

  private static final Rounds SMALL = new Rounds("123+456=", 40, 10, 5, 40);
  private static final Rounds LARGE = new Rounds("¡¢£¤¥¦§¨", 9, 1, 1, 12);
  private static final JointEnsemble GAC = new GacEnsemble(GacEnsemble.Settings.DEFAULTS);

  /** How often answers of how many tokens are written, and to what. */
  private record Rounds(String question, int rounds, int warmUp, int repeats, int tokens) {

    List<Turn> turns() {
      return List.of(new Turn("user", question));
    }

    /** The same with longer answers. */
    Rounds longer(int times) {
      return new Rounds(question, rounds, warmUp, repeats, times * tokens);
    }
  }

  /** An answer: how long it took, and each member's passes. */
  private record Timed(double seconds, long[] passes) {}

  @TempDir Path folder;

  @Test
  void againstBarePasses() {
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    System.out.println("| members | passes | bare, tokens/s | together, tokens/s | ratio |");
    System.out.println("|---|---|---|---|---|");
    try (var sideBySide = new SideBySide(Runtime.getRuntime().availableProcessors())) {
      for (var names :
          List.of(
              List.of("adder-weak-1", "adder-weak-2", "adder-weak-3"),
              List.of("adder-weak-1", "adder-strong"))) {
        List<OnnxLanguageModel> models =
            names.stream()
                .map(n -> load(n, ModelFolder.below(ModelFiles.starter(), n), runtime))
                .toList();
        String who = "gac, " + String.join(", ", names);
        measure(who, "one after the other", models, GAC, StepRunner.SEQUENTIAL, SMALL);
        measure(who, "side by side", models, GAC, sideBySide, SMALL);
        models.forEach(OnnxLanguageModel::close);
      }
      List<OnnxLanguageModel> large =
          IntStream.range(0, 2)
              .mapToObj(
                  i -> {
                    RandomDecoder.gpt2(i).write(folder.resolve("gpt2-" + i));
                    String name = "gpt2-" + i;
                    return load(name, ModelFolder.below(folder, name), runtime);
                  })
              .toList();
      String who = "%s, two random models as large as GPT-2";
      measure(
          who.formatted("gac"), "one after the other", large, GAC, StepRunner.SEQUENTIAL, LARGE);
      measure(
          who.formatted("byte-exact"),
          "one after the other",
          large,
          new ByteExactEnsemble(ByteExactEnsemble.Settings.DEFAULTS),
          StepRunner.SEQUENTIAL,
          LARGE.longer(3));
      large.forEach(OnnxLanguageModel::close);
    }
  }

  private static OnnxLanguageModel load(String name, ModelFolder folder, OnnxRuntime runtime) {
    return OnnxLanguageModel.load(name, runtime, folder);
  }

  private static void measure(
      String who,
      String how,
      List<OnnxLanguageModel> models,
      JointEnsemble method,
      StepRunner runner,
      Rounds rounds) {
    JointPlan plan =
        method.plan(
            models.stream()
                .map(m -> new TokenMember(m.name(), 1, new NeverEnding(m.tokenizer())))
                .toList());
    // Its own passes: where tokens are several bytes, byte-exact takes fewer than it writes.
    long[] passes = fused(plan, models, runner, rounds).passes();
    var bare = new double[rounds.rounds()];
    var fused = new double[rounds.rounds()];
    for (int round = -rounds.warmUp(); round < rounds.rounds(); round++) {
      double bareSeconds = 0;
      double fusedSeconds = 0;
      for (int i = 0; i < rounds.repeats(); i++) {
        // Each is first as often as the other.
        if ((round + i) % 2 == 0) {
          bareSeconds += bare(models, runner, rounds, passes);
          fusedSeconds += fused(plan, models, runner, rounds).seconds();
        } else {
          fusedSeconds += fused(plan, models, runner, rounds).seconds();
          bareSeconds += bare(models, runner, rounds, passes);
        }
      }
      if (round >= 0) {
        bare[round] = rounds.repeats() * rounds.tokens() / bareSeconds;
        fused[round] = rounds.repeats() * rounds.tokens() / fusedSeconds;
      }
    }
    var ratios = new double[rounds.rounds()];
    Arrays.setAll(ratios, round -> fused[round] / bare[round]);
    double ratio = median(ratios);
    System.out.printf(
        "| %s | %s | %,.1f | %,.1f | %.3f |%n", who, how, median(bare), median(fused), ratio);
    assertTrue(ratio >= LEAST, "%s reaches %.3f of the bare passes".formatted(who, ratio));
  }

  /** Of rounds in turns: what else the machine does slows both, and a lucky round counts once. */
  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static List<DecodeSession> sessions(List<OnnxLanguageModel> models, Rounds rounds) {
    var sessions = new ArrayList<DecodeSession>();
    for (OnnxLanguageModel model : models) {
      DecodeSession session = model.open();
      session.append(model.prompt(rounds.turns()));
      sessions.add(session);
    }
    return sessions;
  }

  private static List<TokenPrompt> prompts(List<OnnxLanguageModel> models, Rounds rounds) {
    return models.stream()
        .map(model -> new TokenPrompt(model, model.contextLength(), model.prompt(rounds.turns())))
        .toList();
  }

  /** Seconds for the prompt and so many passes of every member. */
  private static double bare(
      List<OnnxLanguageModel> models, StepRunner runner, Rounds rounds, long[] passes) {
    List<DecodeSession> sessions = sessions(models, rounds);
    int[] digits = models.stream().mapToInt(model -> model.tokenizer().encode("¶")[0]).toArray();
    long most = Arrays.stream(passes).max().orElseThrow();
    long start = System.nanoTime();
    for (int i = 0; i < most; i++) {
      int pass = i;
      runner.run(
          sessions.size(),
          m -> {
            if (pass >= passes[m]) {
              return;
            }
            if (pass > 0) {
              sessions.get(m).append(digits[m]);
            }
            ((OnnxDecodeSession) sessions.get(m)).readPending();
          });
    }
    long nanos = System.nanoTime() - start;
    sessions.forEach(DecodeSession::close);
    return nanos / 1e9;
  }

  /** An answer of so many tokens. */
  private static Timed fused(
      JointPlan plan, List<OnnxLanguageModel> models, StepRunner runner, Rounds rounds) {
    int most = rounds.tokens();
    var sampling =
        new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(most), false, 0);
    try (JointSession session = plan.open(prompts(models, rounds), runner)) {
      long start = System.nanoTime();
      var writer = new AnswerWriter(session, session.vocabulary(), sampling, new Random(1));
      int tokens = writer.write((text, traces) -> {}).tokens();
      double seconds = (System.nanoTime() - start) / 1e9;
      if (tokens != most) {
        throw new AssertionError(tokens + " tokens");
      }
      return new Timed(
          seconds,
          IntStream.range(0, models.size())
              .mapToLong(m -> session.activity(m).tokensWritten())
              .toArray());
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
