package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.method.routing.ExpertTrials.Place;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Has all members answer questions, and the first one, the meta model, read their references: what
 * ETR's tokens are learned from. For one thread.
 */
public final class ExpertTrialWalk {

  /** Most tokens of an answer. */
  private static final int LONGEST = 500;

  private final List<? extends LanguageModel> models;
  private final AnswerForm form;
  private final float[][] own;
  private final List<Place> places = new ArrayList<>();

  /**
   * Nothing yet.
   *
   * @param models the meta model, then at least one expert; open as long as this is used
   * @param form in which answers are compared
   * @throws IllegalArgumentException when the meta model tells no output embeddings
   */
  public ExpertTrialWalk(List<? extends LanguageModel> models, AnswerForm form) {
    this.models = List.copyOf(models);
    this.form = form;
    this.own =
        models
            .getFirst()
            .outputEmbeddings()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' tells no output embeddings, which etr needs of its meta model."
                            .formatted(models.getFirst().name())));
  }

  /** What was recorded so far. */
  public ExpertTrials recorded() {
    var start = new float[own[0].length];
    for (float[] row : own) {
      for (int i = 0; i < start.length; i++) {
        start[i] += row[i] / own.length;
      }
    }
    return new ExpertTrials(models.stream().map(LanguageModel::name).toList(), start, places);
  }

  /** Places so far. */
  public int steps() {
    return places.size();
  }

  /**
   * Has a question answered.
   *
   * @return whether the meta model read it
   */
  public boolean walk(Reference reference) {
    LanguageModel meta = models.getFirst();
    int[] prompt = meta.prompt(List.of(new Turn("user", reference.question())));
    int[] tokens = meta.tokenizer().encode(reference.answer());
    if (prompt.length == 0 || prompt.length + tokens.length > meta.contextLength()) {
      return false;
    }
    var right = new boolean[models.size()];
    int count = 0;
    for (int m = 0; m < right.length; m++) {
      Interruption.check();
      right[m] =
          Completions.alone(models.get(m), reference.question(), "", LONGEST)
              .filter(text -> reference.agrees(text, form))
              .isPresent();
      count += right[m] ? 1 : 0;
    }
    if (count == 0 || count == right.length) {
      return true;
    }
    var mine = new boolean[models.size()];
    mine[0] = true;
    try (DecodeSession session = meta.open()) {
      session.append(prompt);
      place(session, right);
      if (tokens.length > 0) {
        // One place behind the first, in turn: all of them would outweigh it.
        session.append(Arrays.copyOf(tokens, 1 + places.size() / 2 % tokens.length));
        place(session, mine);
      }
    }
    return true;
  }

  private void place(DecodeSession session, boolean[] right) {
    Distribution next = session.next();
    int most = next.mostProbable();
    double logprob = next.logProbability(most);
    session
        .hidden()
        .ifPresent(
            hidden ->
                places.add(
                    new Place(
                        hidden,
                        Vectors.dot(own[most], hidden) - logprob,
                        Arrays.copyOf(right, right.length))));
  }

  /** Whether the ensemble of these models, by these tokens, answers a question right. */
  public boolean answers(Reference reference, ExpertTokens learned) {
    return Completions.together(
            new EtrEnsemble(EtrEnsemble.Settings.DEFAULTS, learned, 0),
            models,
            reference.question(),
            "",
            LONGEST)
        .filter(text -> reference.agrees(text, form))
        .isPresent();
  }
}
