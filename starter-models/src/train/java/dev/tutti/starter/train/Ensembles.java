package dev.tutti.starter.train;

import dev.tutti.starter.AdditionTask;
import dev.tutti.starter.TaskItem;
import dev.tutti.starter.eval.Answer;
import dev.tutti.starter.eval.OnnxDecoder;
import dev.tutti.starter.train.CascadeTable.Stage;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints what the committed adders are worth together: the mean of the weak ones' distributions,
 * their vote, an oracle's choice among them, and a cascade from a weak one to the strong one.
 */
public final class Ensembles {

  private static final List<String> WEAK = List.of("adder-weak-1", "adder-weak-2", "adder-weak-3");
  private static final int CONTEXT = Recipes.named(WEAK.getFirst()).shape().context();
  private static final String STRONG = "adder-strong";

  private final Path starter;

  private Ensembles(Path starter) {
    this.starter = starter;
  }

  /** Prints the tables for the sets that choose a threshold and for the two published ones. */
  public static void main(String[] args) throws Exception {
    Ensembles ensembles = new Ensembles(Train.resources());
    ensembles.print(HeldOut.CHOICE);
    ensembles.print(List.of(HeldOut.committed(AdditionTask.NAME)));
    ensembles.print(List.of(HeldOut.LARGE));
  }

  private void print(List<HeldOut> sets) throws Exception {
    List<TaskItem> questions =
        sets.stream().flatMap(set -> set.draw(new AdditionTask()).stream()).toList();
    System.out.printf(
        "%n%d held-out sums, seeds %s%n",
        questions.size(), sets.stream().map(HeldOut::seed).toList());
    BpeVocabulary characters = Recipes.named(WEAK.getFirst()).vocabulary();
    BpeVocabulary pieces = Recipes.named(STRONG).vocabulary();
    List<OnnxDecoder> weak = new ArrayList<>();
    List<List<Answer>> answers = new ArrayList<>();
    List<boolean[]> right = new ArrayList<>();
    for (String name : WEAK) {
      weak.add(decoder(name));
      answers.add(HeldOut.answers(characters, CONTEXT, List.of(weak.getLast()), questions));
      right.add(HeldOut.right(characters, questions, answers.getLast()));
      row(name, right.getLast());
    }
    boolean[] oracle = new boolean[questions.size()];
    boolean[] vote = new boolean[questions.size()];
    for (int i = 0; i < oracle.length; i++) {
      Map<String, Integer> votes = new HashMap<>();
      for (int m = 0; m < weak.size(); m++) {
        oracle[i] |= right.get(m)[i];
        votes.merge(characters.decode(answers.get(m).get(i).tokens()), 1, Integer::sum);
      }
      String first = characters.decode(answers.getFirst().get(i).tokens());
      String winner =
          votes.entrySet().stream()
              .filter(e -> e.getValue() > 1)
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse(first);
      vote[i] = winner.equals(questions.get(i).reference());
    }
    row("vote (ties: weak-1)", vote);
    boolean[] mean =
        HeldOut.right(characters, questions, HeldOut.answers(characters, CONTEXT, weak, questions));
    row("GaC (mean distribution)", mean);
    row("oracle", oracle);
    for (OnnxDecoder decoder : weak) {
      decoder.close();
    }
    try (OnnxDecoder decoder = decoder(STRONG)) {
      List<Answer> strongAnswers = HeldOut.answers(pieces, CONTEXT, List.of(decoder), questions);
      boolean[] strong = HeldOut.right(pieces, questions, strongAnswers);
      row(STRONG, strong);
      new CascadeTable(
              Stage.of(
                  Recipes.named(WEAK.getFirst()), questions, answers.getFirst(), right.getFirst()),
              Stage.of(Recipes.named(STRONG), questions, strongAnswers, strong))
          .print();
    }
  }

  private OnnxDecoder decoder(String name) throws Exception {
    return new OnnxDecoder(Files.readAllBytes(starter.resolve(name).resolve("model.onnx")));
  }

  private static void row(String name, boolean[] right) {
    System.out.printf("  %-24s %5.1f %%%n", name, 100 * HeldOut.share(right));
  }
}
