package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.method.routing.ExpertTrials.Place;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Has all members answer questions, and the first one, the meta model, read their references: what
 * ETR's tokens are learned from. For one thread.
 */
public final class ExpertTrialWalk implements Walk {

  /** Most tokens of an answer. */
  private static final int LONGEST = 500;

  private final List<? extends LanguageModel> models;
  private final AnswerForm form;
  private final Predicate<BooleanSupplier> outcomes;
  private final int most;
  private final float[][] own;
  private final HiddenStates states;
  private final List<Place> places = new ArrayList<>();
  private int questions;

  /**
   * Nothing yet.
   *
   * @param models the meta model, then at least one expert; open as long as this is used
   * @param most questions that are answered
   * @param form in which answers are compared
   * @throws IllegalArgumentException when the meta model tells no output embeddings
   */
  public ExpertTrialWalk(List<? extends LanguageModel> models, int most, AnswerForm form) {
    this(models, most, form, BooleanSupplier::getAsBoolean);
  }

  /**
   * The same, where somebody may know already what comes of an answer.
   *
   * @param outcomes whether an answer is right: of itself, or as it was found before
   */
  public ExpertTrialWalk(
      List<? extends LanguageModel> models,
      int most,
      AnswerForm form,
      Predicate<BooleanSupplier> outcomes) {
    this.outcomes = outcomes;
    this.models = List.copyOf(models);
    this.most = most;
    // Two places a question.
    this.states = new HiddenStates(ExpertTokensFit.NAME, 2L * most, _ -> 0);
    this.form = form;
    this.own =
        models
            .getFirst()
            .outputEmbeddings()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' tells no output embeddings (OUTPUT_EMBEDDINGS), which etr needs of its meta model."
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

  @Override
  public int steps() {
    return places.size();
  }

  @Override
  public boolean isFull() {
    return questions >= most;
  }

  /** {@inheritDoc} The meta model reads it, and all answer the question. */
  @Override
  public boolean walk(Reference reference) {
    LanguageModel meta = models.getFirst();
    int[] prompt = meta.prompt(List.of(new Turn("user", reference.question())));
    int[] tokens = meta.tokenizer().encodeBehind(reference.answer()).orElse(new int[0]);
    if (prompt.length == 0 || prompt.length + tokens.length > meta.contextLength()) {
      return false;
    }
    questions++;
    try (DecodeSession session = meta.open()) {
      session.append(prompt);
      // Before anybody answers: a meta model that cannot be learned from would waste it all.
      Place first = place(session);
      Optional<boolean[]> right = answered(reference);
      if (right.isPresent()) {
        places.add(first.as(right.get()));
        if (tokens.length > 0) {
          var mine = new boolean[models.size()];
          mine[0] = true;
          // One place behind the first, in turn: all of them would outweigh it.
          session.append(Arrays.copyOf(tokens, 1 + places.size() / 2 % tokens.length));
          places.add(place(session).as(mine));
        }
      }
    }
    return true;
  }

  /** Who answers right; empty where all do, or nobody. */
  private Optional<boolean[]> answered(Reference reference) {
    var right = new boolean[models.size()];
    int count = 0;
    for (int m = 0; m < right.length; m++) {
      LanguageModel model = models.get(m);
      right[m] =
          outcomes.test(
              () ->
                  Completions.alone(model, reference.question(), "", LONGEST)
                      .filter(text -> reference.agrees(text, form))
                      .isPresent());
      count += right[m] ? 1 : 0;
    }
    return count == 0 || count == right.length ? Optional.empty() : Optional.of(right);
  }

  private Place place(DecodeSession session) {
    Distribution next = session.next();
    int mostProbable = next.mostProbable();
    double logprob = next.logProbability(mostProbable);
    float[] hidden = states.of(models.getFirst().name(), session);
    return new Place(
        hidden, Vectors.dot(own[mostProbable], hidden) - logprob, new boolean[models.size()]);
  }
}
