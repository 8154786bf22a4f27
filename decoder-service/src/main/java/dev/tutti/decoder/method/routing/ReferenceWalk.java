package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.method.routing.RecordedSteps.Outcome;
import dev.tutti.decoder.method.routing.RecordedSteps.Step;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.answer.AnswerForm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Has members read references, and records at every one of a member's tokens its hidden state and
 * what it would have written there: CITER's "walk the reference token by token". Texts are compared
 * as bytes, so that members of different vocabularies can be. For one thread.
 */
public final class ReferenceWalk implements RecordedSteps.Rollouts {

  /** Most tokens of a roll-out, as in the paper. */
  private static final int LONGEST = 500;

  /** Of a special token other than the end: no text goes on so. */
  private static final byte[] NO_TEXT = {(byte) 0xFF};

  private final List<? extends LanguageModel> models;
  private final AnswerForm form;
  private final List<Reference> references = new ArrayList<>();
  private final List<List<Step>> steps = new ArrayList<>();

  /**
   * Nothing yet.
   *
   * @param models at least one; open as long as this is used
   * @param form in which answers are compared
   */
  public ReferenceWalk(List<? extends LanguageModel> models, AnswerForm form) {
    this.models = List.copyOf(models);
    this.form = form;
    models.forEach(_ -> steps.add(new ArrayList<>()));
  }

  /** What was recorded so far. */
  public RecordedSteps recorded() {
    return new RecordedSteps(models.stream().map(LanguageModel::name).toList(), steps, this);
  }

  /** Steps of all members so far. */
  public int steps() {
    return steps.stream().mapToInt(List::size).sum();
  }

  /** Fewest steps of a member so far. */
  public int least() {
    return steps.stream().mapToInt(List::size).min().orElse(0);
  }

  /**
   * Walks a reference with all members. One whose context it does not fit, or whose tokens do not
   * spell it, sits it out.
   *
   * @return whether anybody walked it
   */
  public boolean walk(Reference reference) {
    byte[] answer = reference.answer().getBytes(StandardCharsets.UTF_8);
    var walkers = new ArrayList<Walker>();
    try {
      for (LanguageModel model : models) {
        walkers.add(new Walker(model, reference, answer));
      }
      if (walkers.stream().noneMatch(walker -> walker.fits)) {
        return false;
      }
      references.add(reference);
      walkers.stream().filter(walker -> walker.fits).forEach(Walker::walk);
      for (int m = 0; m < walkers.size(); m++) {
        for (Place place : walkers.get(m).places) {
          steps.get(m).add(new Step(place.hidden, outcome(walkers, m, place, answer)));
        }
      }
      return true;
    } finally {
      walkers.forEach(Walker::close);
    }
  }

  private Outcome outcome(List<Walker> walkers, int member, Place place, byte[] answer) {
    Walker mine = walkers.get(member);
    byte[] piece = mine.favourites.get(place.offset);
    if (goesOn(answer, place.offset, piece)) {
      return new Outcome.Right();
    }
    for (Walker other : walkers) {
      if (other != mine
          && other.fits
          && goesOn(answer, place.offset, other.favourite(place.offset))) {
        return new Outcome.Wrong();
      }
    }
    byte[] written = Arrays.copyOf(answer, place.offset + piece.length);
    System.arraycopy(piece, 0, written, place.offset, piece.length);
    if (piece.length == 0) {
      // One that would end here has written its answer.
      return references.getLast().agrees(text(written), form)
          ? new Outcome.Right()
          : new Outcome.Wrong();
    }
    return piece == NO_TEXT
        ? new Outcome.Wrong()
        : new Outcome.Open(references.size() - 1, text(written));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Whether the rest of an answer begins with a piece; the end goes on where nothing is left. */
  private static boolean goesOn(byte[] answer, int offset, byte[] piece) {
    if (piece.length == 0) {
      return offset == answer.length;
    }
    return offset + piece.length <= answer.length
        && Arrays.equals(answer, offset, offset + piece.length, piece, 0, piece.length);
  }

  @Override
  public boolean right(int member, Outcome.Open open, Optional<TokenRouters> current) {
    Interruption.check();
    Reference reference = references.get(open.reference());
    int most = Math.min(LONGEST, 2 * reference.answer().length() + 16);
    Optional<String> end =
        current.isPresent()
            ? Completions.together(
                routed(current.get()), models, reference.question(), open.written(), most)
            : Completions.alone(models.get(member), reference.question(), open.written(), most);
    return end.filter(text -> reference.agrees(open.written() + text, form)).isPresent();
  }

  /** Whether the ensemble of these models, by these routers, answers a question right. */
  public boolean answers(Reference reference, TokenRouters routers) {
    return Completions.together(routed(routers), models, reference.question(), "", LONGEST)
        .filter(text -> reference.agrees(text, form))
        .isPresent();
  }

  /** Whether both models, by this classifier, answer a question right; without chance. */
  public boolean answers(Reference reference, CriticalTokens learned) {
    var method = new CdsEnsemble(CdsEnsemble.Settings.DEFAULTS, learned, 0);
    return Completions.together(method, models, reference.question(), "", LONGEST)
        .filter(text -> reference.agrees(text, form))
        .isPresent();
  }

  private static CiterEnsemble routed(TokenRouters routers) {
    return new CiterEnsemble(CiterEnsemble.Settings.DEFAULTS, routers, 0);
  }

  /** Where a member looked. */
  private record Place(int offset, float[] hidden) {}

  /** A member on its way along a reference. */
  private static final class Walker implements AutoCloseable {
    private final byte[] answer;
    private final Tokenizer tokenizer;
    private final DecodeSession session;
    private final int[] tokens;
    private final int[] prompt;
    private final boolean fits;
    private final List<Place> places = new ArrayList<>();
    // By the place in the answer; empty for the end.
    private final Map<Integer, byte[]> favourites = new HashMap<>();

    Walker(LanguageModel model, Reference reference, byte[] answer) {
      this.answer = answer;
      this.tokenizer = model.tokenizer();
      this.prompt = model.prompt(List.of(new Turn("user", reference.question())));
      this.tokens = tokenizer.encode(reference.answer());
      this.session = model.open();
      this.fits =
          prompt.length > 0
              && prompt.length + tokens.length <= session.remaining()
              && Arrays.stream(tokens).map(t -> tokenizer.bytes(t).length).sum() == answer.length;
    }

    void walk() {
      session.append(prompt);
      int offset = 0;
      for (int i = 0; i <= tokens.length; i++) {
        favourites.put(offset, favourite());
        int at = offset;
        session.hidden().ifPresent(hidden -> places.add(new Place(at, hidden)));
        if (i < tokens.length) {
          session.append(tokens[i]);
          offset += tokenizer.bytes(tokens[i]).length;
        }
      }
    }

    /** What it would write at a place in the answer, whatever its own tokens there are. */
    byte[] favourite(int offset) {
      return favourites.computeIfAbsent(
          offset,
          _ -> {
            session.rewind(prompt.length);
            session.append(tokenizer.encode(text(Arrays.copyOf(answer, offset))));
            return favourite();
          });
    }

    private byte[] favourite() {
      int token = session.next().mostProbable();
      return tokenizer.isSpecial(token) && !tokenizer.isEnd(token)
          ? NO_TEXT
          : tokenizer.bytes(token);
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
