package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.HeldOutSet.Written;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.StepRewards;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.starter.JudgedSteps;
import dev.tutti.starter.Task;
import dev.tutti.starter.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Writes {@code starter-models/TASKS.md}: every starter model on every task, and what they are
 * worth together. {@code ./mvnw -pl decoder-service -am verify -Preplay -Dtest=StarterTasksReplay
 * -Dsurefire.failIfNoSpecifiedTests=false}
 */
@Tag("replay")
class StarterTasksReplay {

  private static final GacEnsemble MEAN = new GacEnsemble(GacEnsemble.Settings.DEFAULTS);

  private final Map<String, HeldOutSet> sets = new LinkedHashMap<>();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final StringBuilder page = new StringBuilder();

  /** A model with its answers to every task. */
  private record Member(
      String name,
      JsonNode manifest,
      OnnxLanguageModel model,
      Map<String, List<Written>> answers,
      double tokensPerSecond) {

    boolean learned(String task) {
      return tasks().contains(task);
    }

    boolean judges() {
      return manifest.get("held_out").has(JudgedSteps.NAME);
    }

    Set<String> tasks() {
      Set<String> tasks = new TreeSet<>();
      manifest.get("tasks").forEach(task -> tasks.add(task.asText()));
      return tasks;
    }

    double accuracy(String task) {
      return HeldOutSet.share(answers.get(task));
    }
  }

  @Test
  void measure() throws IOException {
    for (Task task : Tasks.ALL) {
      sets.put(task.name(), HeldOutSet.of(task.name()));
    }
    for (String name : ModelFiles.starterNames()) {
      members.put(name, answered(name));
    }
    List<Member> writers = members.values().stream().filter(member -> !member.judges()).toList();
    head(writers);
    models();
    accuracies(writers);
    pairs(writers);
    trio(List.of("adder-weak-1", "adder-weak-2", "adder-weak-3"));
    trio(List.of("adder-weak-1", "adder-bpe-1", "adder-bpe-2"));
    judges(writers);
    members.values().forEach(member -> member.model.close());
    double single = mean(best(writers));
    assertTrue(mean(task -> oracle(task, writers)) >= single + 0.12, "the pool differs too little");
    System.out.println(page);
    Files.writeString(Path.of("..", "starter-models", "TASKS.md"), page);
  }

  private Member answered(String name) throws IOException {
    JsonNode manifest =
        new ObjectMapper()
            .readTree(ModelFiles.starter().resolve(name).resolve("manifest.json").toFile());
    OnnxLanguageModel model = ModelFiles.load(name);
    Map<String, List<Written>> answers = new HashMap<>();
    Member member = new Member(name, manifest, model, answers, 0);
    if (member.judges()) {
      return member;
    }
    long tokens = 0;
    long nanos = 0;
    for (HeldOutSet set : sets.values()) {
      long start = System.nanoTime();
      answers.put(set.task(), set.answers(model));
      if (member.learned(set.task())) {
        nanos += System.nanoTime() - start;
        tokens += answers.get(set.task()).stream().mapToLong(Written::tokens).sum();
      }
      System.out.printf("%s %s %.1f %%%n", name, set.task(), 100 * member.accuracy(set.task()));
    }
    return new Member(name, manifest, model, answers, tokens / (nanos / 1e9));
  }

  private void head(List<Member> writers) {
    line("# The starter models, measured");
    line("");
    line(
        "Written by `./mvnw -pl decoder-service -am verify -Preplay -Dtest=StarterTasksReplay"
            + " -Dsurefire.failIfNoSpecifiedTests=false`, not by hand.");
    line("");
    line(
        "Greedy answers with the cache, one question after the other, through decoder-service's own"
            + " runtime, to the committed held-out sets (%s). Right means: the final answer equals"
                .formatted(
                    sets.values().stream()
                        .map(set -> set.items().size() + " " + set.task())
                        .collect(Collectors.joining(", ")))
            + " the reference, and the model ended by itself. Percent, without its sign. A question"
            + " that does not fit a model's context is not answered.");
    line("");
    Member best = best(writers);
    double single = mean(best);
    double oracle = mean(task -> oracle(task, writers));
    double routed =
        mean(task -> writers.stream().mapToDouble(m -> m.accuracy(task)).max().orElse(0));
    line("- Best single model, averaged over tasks: `%s`, %s.", best.name, shown(single));
    line("- The best model of each task: %s.", shown(routed));
    line(
        "- An oracle's choice over the pool, question by question: %s, %s points above the best"
            + " single model.",
        shown(oracle), shown(oracle - single));
    line("");
  }

  private void models() {
    line("## The models");
    line("");
    line("| model | parameters | bytes | vocabulary | attention | learned | tokens/s |");
    line("|---|---|---|---|---|---|---|");
    for (Member member : members.values()) {
      JsonNode manifest = member.manifest;
      int merges = manifest.get("merges").asInt();
      String learned =
          manifest.has("parent") ? "from `" + manifest.get("parent").asText() + "`: " : "";
      line(
          "| `%s` | %,d | %,d | %d, %s | %s | %s | %s |",
          member.name,
          manifest.get("parameters").asInt(),
          manifest.get("files").get("model.onnx").get("bytes").asInt(),
          manifest.get("vocabulary").asInt(),
          merges == 0 ? "characters" : "BPE with " + merges + " merges",
          manifest.get("attention").asText().replace('_', ' '),
          learned
              + (member.judges() ? "judging the steps of " : "")
              + String.join(", ", member.tasks()),
          member.judges() ? "" : "%,.0f".formatted(member.tokensPerSecond));
    }
    line("");
    line(
        "Tokens per second: whole answers to the learned tasks, prompt included in the time, not in"
            + " the tokens; one session, one thread, on a shared machine of two cores.");
    line("");
  }

  private void accuracies(List<Member> writers) {
    line("## Every model on every task");
    line("");
    line("| | " + String.join(" | ", sets.keySet()) + " | mean |");
    line("|---|" + "---|".repeat(sets.size() + 1));
    for (Member member : writers) {
      row("`" + member.name + "`", task -> member.accuracy(task));
    }
    row(
        "best of the task",
        task -> writers.stream().mapToDouble(m -> m.accuracy(task)).max().orElse(0));
    row("oracle over the pool", task -> oracle(task, writers));
    line("");
  }

  private void pairs(List<Member> writers) {
    line("## Pairs");
    line("");
    line(
        "Every pair on every task that both have learned. Mean: GaC, the average of both"
            + " distributions over the union of the vocabularies. Vote: what both say, or else what"
            + " is the more probable by its mean log-probability a token. Oracle: either is right.");
    line("");
    line("| task | pair | first | second | mean | vote | oracle |");
    line("|---|---|---|---|---|---|---|");
    for (HeldOutSet set : sets.values()) {
      List<Member> able = writers.stream().filter(m -> m.learned(set.task())).toList();
      for (int a = 0; a < able.size(); a++) {
        for (int b = a + 1; b < able.size(); b++) {
          together(set, List.of(able.get(a), able.get(b)));
        }
      }
    }
    line("");
  }

  private void together(HeldOutSet set, List<Member> group) {
    String task = set.task();
    List<Written> mean = set.answers(MEAN, group.stream().map(Member::model).toList());
    line(
        "| %s | %s | %s | %s | %s | %s |",
        task,
        group.stream().map(m -> "`" + m.name + "`").collect(Collectors.joining(", ")),
        group.stream().map(m -> shown(m.accuracy(task))).collect(Collectors.joining(" | ")),
        shown(HeldOutSet.share(mean)),
        shown(vote(task, group)),
        shown(oracle(task, group)));
  }

  private void trio(List<String> names) {
    if (!members.keySet().containsAll(names)) {
      return;
    }
    line("## A trio on one task: %s", String.join(", ", names));
    line("");
    line("| task | members | first | second | third | mean | vote | oracle |");
    line("|---|---|---|---|---|---|---|---|");
    together(sets.get("addition"), names.stream().map(members::get).toList());
    line("");
  }

  private void judges(List<Member> writers) {
    line("## Judging steps");
    line("");
    line(
        "How well right steps of chains and products are told from wrong ones: by a trained judge,"
            + " which says `%s` or `%s` behind every step, or by a model's own likelihood, to which a"
            + " step is right where its least probable token has a probability of %.2f or more."
            + " Steps up to the first wrong one count; those behind it do not. %d held-out questions,"
            + " half of them right throughout.",
        JudgedSteps.RIGHT, JudgedSteps.WRONG, StepRewards.LIKELY, StepRewards.items().size());
    line("");
    line(
        "| model | by | right steps | wrong steps | right kept | wrong found | balanced accuracy |");
    line("|---|---|---|---|---|---|---|");
    members.values().stream()
        .filter(Member::judges)
        .forEach(member -> judge(member, "verdict", StepRewards.judged(member.model)));
    writers.stream()
        .filter(member -> member.learned("chain") && member.learned("multiplication"))
        .forEach(member -> judge(member, "likelihood", StepRewards.quality(member.model)));
  }

  private void judge(Member member, String by, StepRewards.Quality quality) {
    line(
        "| `%s` | %s | %d | %d | %s | %s | %s |",
        member.name,
        by,
        quality.rightSteps(),
        quality.wrongSteps(),
        shown(quality.rightKept()),
        shown(quality.wrongFound()),
        shown(quality.balancedAccuracy()));
  }

  private double oracle(String task, List<Member> group) {
    int questions = sets.get(task).items().size();
    int right = 0;
    for (int i = 0; i < questions; i++) {
      int question = i;
      right += group.stream().anyMatch(m -> m.answers.get(task).get(question).right()) ? 1 : 0;
    }
    return right / (double) questions;
  }

  /** The answer of most members; among equally many that of the surest one. */
  private double vote(String task, List<Member> group) {
    int questions = sets.get(task).items().size();
    int right = 0;
    for (int i = 0; i < questions; i++) {
      List<Written> answers = new ArrayList<>();
      for (Member member : group) {
        answers.add(member.answers.get(task).get(i));
      }
      Map<String, Long> votes =
          answers.stream()
              .collect(Collectors.groupingBy(Written::finalAnswer, Collectors.counting()));
      Written winner =
          answers.stream()
              .max(
                  Comparator.comparingLong((Written w) -> votes.get(w.finalAnswer()))
                      .thenComparingDouble(Written::meanLogprob))
              .orElseThrow();
      right += winner.right() ? 1 : 0;
    }
    return right / (double) questions;
  }

  private Member best(List<Member> writers) {
    return writers.stream().max(Comparator.comparingDouble(this::mean)).orElseThrow();
  }

  private double mean(Member member) {
    return mean(member::accuracy);
  }

  private double mean(Figure figure) {
    return sets.keySet().stream().mapToDouble(figure::of).average().orElseThrow();
  }

  private interface Figure {
    double of(String task);
  }

  private void row(String name, Figure figure) {
    line(
        "| %s | %s | %s |",
        name,
        sets.keySet().stream().map(t -> shown(figure.of(t))).collect(Collectors.joining(" | ")),
        shown(mean(figure)));
  }

  private static String shown(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  private void line(String text, Object... values) {
    page.append(values.length == 0 ? text : String.format(Locale.ROOT, text, values)).append('\n');
  }
}
