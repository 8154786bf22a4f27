package dev.tutti.fusion;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Ran;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Answers to one query, in the order of the recipe's members and of each one's samples.
 *
 * @param answers at least one, no sample of a member twice
 * @param evidence what the selector declared, about these answers
 */
public record Candidates(List<Answer> answers, Evidence evidence) {

  /**
   * One answer of a member.
   *
   * @param member its name
   * @param sample which of its answers, from 0
   * @param prior its weight within the ensemble, above 0 and finite; 1 where the recipe gives none
   * @param text the answer as it was written; may be empty
   * @param tools the tools that the answer wants to be called, in one spelling; empty where it
   *     wants none
   * @param ran what running it gave; empty where nobody ran it
   * @param knownAs the name by which datasets, and what was fitted to them, know the member
   */
  public record Answer(
      String member,
      int sample,
      double prior,
      String text,
      Optional<String> tools,
      Optional<Ran> ran,
      String knownAs) {

    /** Checks the prior. */
    public Answer {
      if (!(prior > 0) || Double.isInfinite(prior)) {
        throw new IllegalArgumentException(
            "The prior of %s is %s; it must be above 0 and finite.".formatted(member, prior));
      }
    }

    /** One that nobody ran. */
    public Answer(
        String member,
        int sample,
        double prior,
        String text,
        Optional<String> tools,
        String knownAs) {
      this(member, sample, prior, text, tools, Optional.empty(), knownAs);
    }

    /** A member's only answer, a text. */
    public Answer(String member, double prior, String text) {
      this(member, 0, prior, text, Optional.empty(), member);
    }

    /** The same answer, without a vote. */
    public Answer withoutVote() {
      return new Answer(member, sample, prior, text, tools, Optional.of(Ran.NOTHING), knownAs);
    }

    /** Whether it has no vote: running it gave nothing that counts, or only others were run. */
    public boolean isWithoutVote() {
      return ran.isPresent() && ran.get().spelling().isEmpty();
    }

    /** Whether it is compared by its text: nobody ran it, and it wants no tools to be called. */
    public boolean isText() {
      return ran.isEmpty() && tools.isEmpty();
    }

    /**
     * The answer as it is compared: by what running it gave, else by the tools that it wants, else
     * by its text.
     *
     * @param reading of a text; empty where it cannot be read
     */
    public Optional<String> compared(Function<String, Optional<String>> reading) {
      return ran.isPresent() ? ran.get().spelling() : tools.or(() -> reading.apply(text));
    }

    /** The same answer, of a member of this weight. */
    public Answer withPrior(double its) {
      return new Answer(member, sample, its, text, tools, ran, knownAs);
    }
  }

  private record Identity(String member, int sample) {}

  /** Checks that there is an answer, and none twice. */
  public Candidates {
    answers = List.copyOf(answers);
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("There are no candidates; at least one is needed.");
    }
    var seen = new HashSet<Identity>();
    for (Answer answer : answers) {
      if (!seen.add(new Identity(answer.member(), answer.sample()))) {
        throw new IllegalArgumentException(
            "Sample %d of %s is there twice.".formatted(answer.sample(), answer.member()));
      }
    }
  }

  /** Answers without evidence. */
  public Candidates(List<Answer> answers) {
    this(answers, Evidence.NONE);
  }

  /** What was answered at these places of an episode's stages, of each member numbered from 0. */
  public static List<Answer> answers(Episode episode, List<Integer> stages) {
    var answers = new ArrayList<Answer>();
    var samples = new HashMap<Integer, Integer>();
    for (int stage : stages) {
      var its = (Answered) episode.stages().get(stage);
      MemberCard card = episode.members().get(its.asked().member());
      answers.add(
          new Answer(
              card.name(),
              // Each round counts a member's samples anew.
              samples.merge(its.asked().member(), 1, Integer::sum) - 1,
              card.prior(),
              its.text(),
              its.tools(),
              its.ran(),
              card.knownAs()));
    }
    return answers;
  }

  /** What those answers say about themselves. */
  public static List<AnswerSignals> signals(Episode episode, List<Integer> stages) {
    return stages.stream().map(i -> ((Answered) episode.stages().get(i)).signals()).toList();
  }

  /** How many there are. */
  public int size() {
    return answers.size();
  }

  /** The place of the highest prior, the first one of equals. */
  public int bestPrior() {
    int best = 0;
    for (int i = 1; i < size(); i++) {
      if (answers.get(i).prior() > answers.get(best).prior()) {
        best = i;
      }
    }
    return best;
  }
}
