package dev.tutti.decoder;

import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.RandomDecoder;
import dev.tutti.decoder.method.speculation.SafeEnsemble;
import dev.tutti.decoder.method.speculation.SpeculativeEnsemble;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.runtime.ModelFolder;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.runtime.OnnxRuntime;
import dev.tutti.decoder.runtime.SideBySide;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.starter.TaskItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows of the replay's table: what speculation and checked drafts save, and what they write. */
final class SpeculationRows {

  private static final String SPECULATIVE = "speculative";
  private static final JointEnsemble PLAIN = new GacEnsemble(GacEnsemble.Settings.DEFAULTS);

  private final ReplayReport report;
  private final Map<String, OnnxLanguageModel> models = new LinkedHashMap<>();

  private SpeculationRows(ReplayReport report) {
    this.report = report;
  }

  /** Measures, and adds the rows. */
  static void add(ReplayReport report) {
    var rows = new SpeculationRows(report);
    rows.speculative();
    rows.largeAndSmall();
    rows.safe();
    rows.models.values().forEach(OnnxLanguageModel::close);
  }

  /** What an ensemble wrote. */
  private record Run(Answer answer, double seconds, Map<String, Double> measures) {

    /** Forward passes of all members. */
    double passes() {
      return measures.entrySet().stream()
          .filter(e -> e.getKey().startsWith("passes_"))
          .mapToDouble(Map.Entry::getValue)
          .sum();
    }
  }

  private static Run write(
      JointPlan plan,
      List<? extends LanguageModel> members,
      String prompt,
      Sampling sampling,
      StepRunner runner) {
    List<Turn> turns = List.of(new Turn("user", prompt));
    List<TokenPrompt> prompts =
        members.stream().map(m -> new TokenPrompt(m, m.contextLength(), m.prompt(turns))).toList();
    try (JointSession session = plan.open(prompts, runner)) {
      long start = System.nanoTime();
      Answer answer =
          new AnswerWriter(session, session.vocabulary(), sampling, new Random(1))
              .write((text, tokens) -> {});
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Run(answer, seconds, session.measures());
    }
  }

  private static JointPlan plan(JointEnsemble method, List<? extends LanguageModel> members) {
    return method.plan(members.stream().map(m -> TokenMember.of(m, 1)).toList());
  }

  private List<OnnxLanguageModel> named(String... names) {
    return Stream.of(names).map(n -> models.computeIfAbsent(n, ModelFiles::load)).toList();
  }

  private static JointEnsemble proposing(double... tokens) {
    return new SpeculativeEnsemble(
        new SpeculativeEnsemble.Settings(
            SpeculativeEnsemble.Target.WEIGHTED, .1, 0, Arrays.stream(tokens).boxed().toList()));
  }

  private void row(String set, String method, String metric, double value) {
    System.out.printf("%s | %s | %s | %.4f%n", set, method, metric, value);
    report.add(set, method, metric, value);
  }

  /** Two starter models that have learned the same three tasks, on 500 of their questions. */
  private void speculative() {
    List<OnnxLanguageModel> pair = named("generalist", "calculator");
    var prompts = new ArrayList<String>();
    for (String task : List.of("subtraction", "multiplication", "chain")) {
      HeldOutSet.of(task).items().stream()
          .limit(500 - prompts.size())
          .map(TaskItem::prompt)
          .forEach(prompts::add);
    }
    against(
        "speculative (1 token each) over generalist and calculator",
        pair,
        proposing(1),
        prompts,
        Sampling.GREEDY);
  }

  /** In turns with the plain ensemble. */
  private void against(
      String who,
      List<OnnxLanguageModel> pair,
      JointEnsemble method,
      List<String> prompts,
      Sampling sampling) {
    JointPlan plain = plan(PLAIN, pair);
    JointPlan speculative = plan(method, pair);
    double[] seconds = new double[2];
    long[] tokens = new long[2];
    double accepted = 0;
    double passes = 0;
    int same = 0;
    try (var runner = new SideBySide(2)) {
      for (int i = -20; i < prompts.size(); i++) {
        String prompt = prompts.get(Math.floorMod(i, prompts.size()));
        Run[] runs = new Run[2];
        for (int turn = 0; turn < 2; turn++) {
          int which = (turn + i & 1);
          runs[which] = write(which == 0 ? plain : speculative, pair, prompt, sampling, runner);
        }
        if (i >= 0) {
          for (int which = 0; which < 2; which++) {
            seconds[which] += runs[which].seconds();
            tokens[which] += runs[which].answer().tokens();
          }
          same += runs[0].answer().text().equals(runs[1].answer().text()) ? 1 : 0;
          accepted += runs[1].measures().getOrDefault("acceptance", 1.0);
          passes += runs[1].passes();
        }
      }
    }
    double speed = tokens[1] / seconds[1];
    double plainSpeed = tokens[0] / seconds[0];
    if (sampling.temperature() == 0) {
      row(SPECULATIVE, who, "identical to gac", same / (double) prompts.size());
    }
    row(SPECULATIVE, who, "acceptance", accepted / prompts.size());
    row(SPECULATIVE, who, "passes a token", passes / tokens[1]);
    row(SPECULATIVE, who, "tokens a second", speed);
    row(SPECULATIVE, who, "tokens a second of gac", plainSpeed);
    row(SPECULATIVE, who, "speedup", speed / plainSpeed);
  }

  /** A random model as deep and wide as GPT-2's smallest, and a small one. */
  private void largeAndSmall() {
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    Path folder;
    try {
      folder = Files.createTempDirectory("random");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new RandomDecoder(2, 128, 512, 256, 3, .8, 1).write(folder.resolve("small"));
    new RandomDecoder(12, 768, 512, 256, 3, .8, 2).write(folder.resolve("large"));
    List<OnnxLanguageModel> pair =
        Stream.of("small", "large")
            .map(n -> OnnxLanguageModel.load(n, runtime, ModelFolder.below(folder, n)))
            .toList();
    List<String> prompts =
        IntStream.range(0, 12).mapToObj(i -> Character.toString(0x4E00 + 7 * i)).toList();
    var sampled = new Sampling(1, 1, OptionalInt.empty(), List.of(), OptionalInt.of(60), false, 0);
    var greedy = new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(60), false, 0);
    String who = "speculative (4 and 1 tokens) over a small and a GPT-2-sized random model";
    against(who + ", greedy", pair, proposing(4, 1), prompts, greedy);
    against(who + ", temperature 1", pair, proposing(4, 1), prompts, sampled);
    pair.forEach(OnnxLanguageModel::close);
    report.note(
        "speculative in turns with gac in one run, both with the members' passes side by side on two"
            + " threads. The random models have 2 layers of 128 and 12 of 768 (85 million"
            + " parameters), 512 tokens, and weights of their own; a table of bigrams that both add"
            + " makes them agree about as two models of one language do.");
  }

  private void safe() {
    var sums = HeldOutSet.of("addition");
    accuracy("same-vocabulary", sums, "adder-weak-3", "adder-weak-1", "adder-weak-2");
    accuracy("across-vocabularies", sums, "adder-bpe-1", "adder-weak-1", "adder-bpe-2");
    accuracy(
        "five-adders",
        sums,
        "adder-bpe-1",
        "adder-weak-1",
        "adder-weak-2",
        "adder-weak-3",
        "adder-bpe-2");
    accuracy("starter/addition", sums, "adder-strong", "adder-weak-1");
    accuracy("starter/addition", sums, "adder-strong", "generalist");
    accuracy("starter/sorting", HeldOutSet.of("sorting"), "wordsmith", "generalist");
    accuracy("starter/reversing", HeldOutSet.of("reversing"), "wordsmith", "generalist");
    accuracy("starter/dates", HeldOutSet.of("dates"), "generalist-dates", "wordsmith");
    accuracy("starter/facts", HeldOutSet.of("facts"), "wordsmith", "generalist");
  }

  /** The first member drafts. */
  private void accuracy(String set, HeldOutSet questions, String... names) {
    List<OnnxLanguageModel> members = named(names);
    JointPlan plan = plan(new SafeEnsemble(SafeEnsemble.Settings.DEFAULTS), members);
    int right = 0;
    double passes = 0;
    double tokens = 0;
    double fused = 0;
    for (TaskItem item : questions.items()) {
      Run run = write(plan, members, item.prompt(), Sampling.GREEDY, StepRunner.SEQUENTIAL);
      boolean ended = run.answer().finish() == Answer.Finish.STOP;
      right += ended && item.isRight(run.answer().text()) ? 1 : 0;
      tokens += run.answer().tokens();
      fused += run.measures().get("fused") * run.answer().tokens();
      passes += run.passes();
    }
    String who =
        "safe, %s drafts, %s check"
            .formatted(names[0], String.join(", ", List.of(names).subList(1, names.length)));
    row(set, who, "accuracy", right / (double) questions.items().size());
    row(set, who, "passes a token and member", passes / tokens / names.length);
    row(set, who, "share of tokens written together", fused / tokens);
  }
}
