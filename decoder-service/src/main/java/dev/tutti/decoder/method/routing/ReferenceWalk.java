package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.method.routing.RecordedSteps.Outcome;
import dev.tutti.decoder.method.routing.RecordedSteps.Step;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.answer.AnswerForm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Has members read references, and records at every one of a member's tokens its hidden state and
 * what it would have written there: CITER's "walk the reference token by token". Texts are compared
 * as bytes, so that members of different vocabularies can be. For one thread.
 *
 * <p>Within a character nothing is recorded, nor where a member would write half of one that
 * nothing else decides: others cut their tokens elsewhere, and no answer goes on there.
 */
public final class ReferenceWalk implements Walk, RecordedSteps.Rollouts {

  /** Most tokens of a roll-out, as in the paper. */
  private static final int LONGEST = 500;

  private final List<? extends LanguageModel> models;
  private final int most;
  private final AnswerForm form;
  private final HiddenStates states;
  // Those that roll-outs go on from.
  private final List<Reference> references = new ArrayList<>();
  private final List<List<Step>> steps = new ArrayList<>();

  /**
   * Nothing yet.
   *
   * @param method that learns from it
   * @param models at least one; open as long as this is used
   * @param recorded how many of them, from the first on, are recorded; the others only tell what
   *     they would write where those are wrong
   * @param most steps of each
   * @param form in which answers are compared
   */
  public ReferenceWalk(
      String method,
      List<? extends LanguageModel> models,
      int recorded,
      int most,
      AnswerForm form) {
    this.models = List.copyOf(models);
    this.most = most;
    this.form = form;
    this.states = new HiddenStates(method, most, PerceptronFit::bytes);
    models.subList(0, recorded).forEach(_ -> steps.add(new ArrayList<>()));
  }

  /** What was recorded so far. */
  public RecordedSteps recorded() {
    return new RecordedSteps(
        models.subList(0, steps.size()).stream().map(LanguageModel::name).toList(), steps, this);
  }

  @Override
  public int steps() {
    return steps.stream().mapToInt(List::size).sum();
  }

  @Override
  public boolean isFull() {
    return steps.stream().allMatch(its -> its.size() >= most);
  }

  /**
   * {@inheritDoc} A member whose context it does not fit, or whose tokens do not spell it, sits it
   * out, and so does one of which there is enough.
   */
  @Override
  public boolean walk(Reference reference) {
    byte[] answer = reference.answer().getBytes(StandardCharsets.UTF_8);
    var readers = new ArrayList<ReferenceReader>();
    boolean walked = false;
    try {
      for (LanguageModel model : models) {
        readers.add(new ReferenceReader(model, reference, answer));
      }
      for (int m = 0; m < steps.size(); m++) {
        if (steps.get(m).size() < most && readers.get(m).fits()) {
          walked = true;
          walk(reference, readers.get(m), readers.subList(m + 1, readers.size()), steps.get(m));
        }
      }
    } finally {
      readers.forEach(ReferenceReader::close);
    }
    return walked;
  }

  private void walk(
      Reference reference, ReferenceReader reader, List<ReferenceReader> later, List<Step> its) {
    for (int token = 0; token <= reader.tokens() && its.size() < most; token++) {
      int offset = reader.offset(token);
      if (reader.isWhole(offset)) {
        byte[] piece = reader.favourite(offset);
        Optional<Outcome> outcome = outcome(reference, reader, later, offset, piece);
        if (outcome.isPresent()) {
          its.add(new Step(reader.hidden(offset, states), outcome.get()));
        }
      }
    }
  }

  private Optional<Outcome> outcome(
      Reference reference,
      ReferenceReader reader,
      List<ReferenceReader> later,
      int offset,
      byte[] piece) {
    if (reader.goesOn(offset, piece)) {
      return Optional.of(new Outcome.Right());
    }
    if (later.stream()
        .anyMatch(other -> other.fits() && other.goesOn(offset, other.favourite(offset)))) {
      return Optional.of(new Outcome.Wrong());
    }
    byte[] written = Arrays.copyOf(reader.answer(), offset + piece.length);
    System.arraycopy(piece, 0, written, offset, piece.length);
    if (piece.length == 0) {
      // One that would end here has written its answer.
      return Optional.of(
          reference.agrees(text(written), form) ? new Outcome.Right() : new Outcome.Wrong());
    }
    if (piece == ReferenceReader.NO_TEXT) {
      return Optional.of(new Outcome.Wrong());
    }
    if (!Utf8.isText(written)) {
      return Optional.empty();
    }
    if (references.isEmpty() || references.getLast() != reference) {
      references.add(reference);
    }
    return Optional.of(new Outcome.Open(references.size() - 1, text(written)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public RecordedSteps.Rollout by(Optional<TokenRouters> current) {
    Optional<Completions> together =
        current.map(
            routers ->
                new Completions(
                    new CiterEnsemble(CiterEnsemble.Settings.DEFAULTS, routers, FittedOn.NOTHING),
                    models));
    return (member, open) -> {
      Interruption.check();
      Reference reference = references.get(open.reference());
      int longest = Math.min(LONGEST, 2 * reference.answer().length() + 16);
      Optional<String> end =
          together.isPresent()
              ? together.get().of(reference.question(), open.written(), longest)
              : Completions.alone(
                  models.get(member), reference.question(), open.written(), longest);
      return end.filter(text -> reference.agrees(open.written() + text, form)).isPresent();
    };
  }
}
