package dev.tutti.decoder.answer;

import com.google.common.primitives.Doubles;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.OpenedSessions;
import dev.tutti.decoder.SessionRoom;
import dev.tutti.decoder.runtime.peer.Places;
import dev.tutti.decoder.v1.HiddenState;
import dev.tutti.decoder.v1.ScoreTokens;
import dev.tutti.decoder.v1.SessionRequest;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.decoder.v1.SessionStep;
import dev.tutti.decoder.v1.TokenScores;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The sessions of one stream of {@link GuestSessions}, by their numbers. */
final class GuestSteps implements AutoCloseable {

  // As the contract has them.
  private static final int MOST_STEPS = 4_096;
  private static final int MOST_SESSIONS = 256;
  private static final int MOST_BRANCHES = 4_096;
  private static final long MOST_LOGITS = 16 << 20;

  private final Map<Integer, DecodeSession> sessions = new HashMap<>();
  private final OpenedSessions opened;
  private final LanguageModel model;
  private final OptionalInt top;
  private final EventSink<SessionResponse> sink;

  /**
   * A stream with an empty session.
   *
   * @param number of the session
   * @param room of its sessions
   * @param top how many tokens a distribution tells; empty for all
   * @throws FailureException when it is no number of a session
   */
  GuestSteps(
      LanguageModel model,
      SessionRoom room,
      int number,
      OptionalInt top,
      EventSink<SessionResponse> sink) {
    this.model = model;
    this.opened = new OpenedSessions(room);
    this.top = top;
    this.sink = sink;
    requireNew(number, "steps[0]");
    sessions.put(number, opened.open(model));
  }

  /**
   * Does the steps of a request.
   *
   * @param from the first that is done
   * @throws FailureException when one cannot be done
   * @throws CancelledException when the other decoder left
   */
  void follow(SessionRequest request, int from) {
    int count = request.getStepsCount();
    if (count < 1 || count > MOST_STEPS) {
      throw Failure.invalid(
          "steps", "There are %d steps; 1 to %d are allowed.".formatted(count, MOST_STEPS));
    }
    for (int i = from; i < count; i++) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException();
      }
      String field = "steps[%d]".formatted(i);
      try {
        follow(request.getSteps(i), field);
      } catch (DecodeException e) {
        throw new FailureException(new Failure.Internal("MODEL_FAILED", e.getMessage()), e);
      } catch (IllegalArgumentException e) {
        throw Failure.invalid(field, e.getMessage());
      }
    }
  }

  private void follow(SessionStep step, String field) {
    int number = step.getSession();
    switch (step.getStepCase()) {
      case OPEN ->
          throw Failure.invalid(field, "A stream opens one session; others are its forks.");
      case FORK -> {
        requireNew(number, field);
        sessions.put(number, session(step.getFork().getFrom(), field + ".fork.from").fork());
      }
      case APPEND -> session(number, field).append(Ints.toArray(step.getAppend().getTokensList()));
      case REWIND -> rewind(session(number, field), step.getRewind().getLength(), field);
      case NEXT -> next(number, Ints.toArray(step.getNext().getProposedList()), field);
      case SCORE -> {
        double[] logprobs = scores(begun(number, field), step.getScore(), field + ".score");
        sink.emit(
            answer(number)
                .setScores(TokenScores.newBuilder().addAllLogprobs(Doubles.asList(logprobs)))
                .build());
      }
      case HIDDEN -> {
        float[] state = begun(number, field).hidden().orElse(new float[0]);
        sink.emit(
            answer(number)
                .setHidden(HiddenState.newBuilder().addAllValues(Floats.asList(state)))
                .build());
      }
      case CLOSE -> {
        session(number, field).close();
        sessions.remove(number);
      }
      case STEP_NOT_SET -> throw Failure.invalid(field, "A step says what is to be done.");
    }
  }

  private static double[] scores(DecodeSession session, ScoreTokens asked, String field) {
    if (asked.getBranchesCount() == 0) {
      return session.score(Ints.toArray(asked.getTokensList()));
    }
    if (asked.getTokensCount() > 0 || asked.getBranchesCount() > MOST_BRANCHES) {
      throw Failure.invalid(
          field,
          "There are %d tokens and %d branches; tokens alone are allowed, or 1 to %d branches."
              .formatted(asked.getTokensCount(), asked.getBranchesCount(), MOST_BRANCHES));
    }
    List<int[]> branches =
        asked.getBranchesList().stream().map(b -> Ints.toArray(b.getTokensList())).toList();
    return Doubles.concat(session.score(branches).toArray(double[][]::new));
  }

  private void next(int number, int[] proposed, String field) {
    DecodeSession session = begun(number, field);
    if ((proposed.length + 1L) * model.tokenizer().size() > MOST_LOGITS) {
      throw Failure.invalid(
          field + ".next.proposed",
          "%d tokens are proposed; %d are allowed with a vocabulary of %d."
              .formatted(
                  proposed.length,
                  MOST_LOGITS / model.tokenizer().size() - 1,
                  model.tokenizer().size()));
    }
    List<Distribution> places =
        proposed.length == 0 ? List.of(session.next()) : session.next(proposed);
    for (Distribution place : places) {
      sink.emit(answer(number).setPlace(Places.of(place, top)).build());
    }
  }

  private static void rewind(DecodeSession session, int length, String field) {
    if (length < 0 || length > session.length()) {
      throw Failure.invalid(
          field + ".rewind.length",
          "length is %d; 0 to %d are allowed.".formatted(length, session.length()));
    }
    session.rewind(length);
  }

  private static SessionResponse.Builder answer(int number) {
    return SessionResponse.newBuilder().setSession(number);
  }

  private void requireNew(int number, String field) {
    if (number < 0 || sessions.containsKey(number)) {
      throw Failure.invalid(
          field + ".session",
          "%d is no number of a new session; it must be at least 0, and no other's."
              .formatted(number));
    }
    if (sessions.size() >= MOST_SESSIONS) {
      throw Failure.invalid(
          field, "The stream has %d sessions; more are not given.".formatted(MOST_SESSIONS));
    }
  }

  private DecodeSession session(int number, String field) {
    DecodeSession session = sessions.get(number);
    if (session == null) {
      throw Failure.invalid(field, "The stream has no session %d.".formatted(number));
    }
    return session;
  }

  /** The session, which holds a token at least. */
  private DecodeSession begun(int number, String field) {
    DecodeSession session = session(number, field);
    if (session.length() == 0) {
      throw Failure.invalid(field, "Session %d is empty: nothing comes next.".formatted(number));
    }
    return session;
  }

  @Override
  public void close() {
    opened.close();
  }
}
