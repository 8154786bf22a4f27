package dev.tutti.decoder.sampling;

import dev.tutti.decoder.AnswerSource;
import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.TopTokens;
import dev.tutti.decoder.Vocabulary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Lets a session write its answer: one model's, or a fused one, all the same. For one answer, on
 * one thread.
 */
public final class AnswerWriter {

  private final AnswerSource session;
  private final Vocabulary vocabulary;
  private final Sampling sampling;
  private final TokenPicker picker;
  private final CharacterAssembler characters = new CharacterAssembler();
  private final StopScanner scanner;
  private final AnswerSignals.Accumulator signals = new AnswerSignals.Accumulator();
  private final StringBuilder text = new StringBuilder();
  private final List<TokenTrace> traces = new ArrayList<>();

  /** Where an answer goes, piece by piece. */
  @FunctionalInterface
  public interface Listener {

    /**
     * Takes a piece.
     *
     * @param text whole characters; may be empty where only traces come
     * @param tokens one a token since the last piece, where they were asked for
     */
    void piece(String text, List<TokenTrace> tokens);

    /**
     * Called before each step; throws to give the answer up.
     *
     * @return whether there is to be a step; where not, the answer ends as one that grew too long.
     *     Always true before the first
     */
    default boolean step() {
      return true;
    }
  }

  /**
   * A writer.
   *
   * @param session holds the prompt; stays open
   * @param vocabulary of the session
   * @param sampling how tokens are drawn
   * @param random source of every draw
   */
  public AnswerWriter(
      AnswerSource session, Vocabulary vocabulary, Sampling sampling, RandomGenerator random) {
    this.session = session;
    this.vocabulary = vocabulary;
    this.sampling = sampling;
    this.picker = new TokenPicker(sampling, vocabulary, random);
    this.scanner = new StopScanner(sampling.stop());
  }

  /**
   * Writes the answer.
   *
   * @throws dev.tutti.decoder.DecodeException when the model fails
   * @throws IllegalStateException when the session has no room for a token
   */
  public Answer write(Listener listener) {
    long start = System.nanoTime();
    long first = start;
    int most = Math.min(sampling.maxTokens().orElse(Integer.MAX_VALUE), session.remaining());
    if (most < 1) {
      throw new IllegalStateException("The session has no room for an answer.");
    }
    int tokens = 0;
    Answer.Finish finish = Answer.Finish.LENGTH;
    boolean further = true;
    while (tokens < most) {
      further = further && listener.step();
      List<Drawn> drawn =
          further ? session.draw(picker, most - tokens) : session.conclude(most - tokens);
      if (!further && drawn.isEmpty()) {
        break;
      }
      for (Drawn each : drawn) {
        tokens++;
        if (tokens == 1) {
          first = System.nanoTime();
        }
        if (ends(each, listener)) {
          finish = Answer.Finish.STOP;
          break;
        }
      }
      if (finish == Answer.Finish.STOP || tokens == most || session.remaining() < 1) {
        break;
      }
      if (further && !drawn.isEmpty()) {
        session.append(drawn.getLast().token());
        // A fused session may have lost its room to a piece that is several tokens of a member.
        if (session.remaining() < 1) {
          break;
        }
      }
    }
    hand(scanner.add(characters.finish()), listener);
    hand(scanner.finish(), listener);
    if (!traces.isEmpty()) {
      flush("", listener);
    }
    long end = System.nanoTime();
    return new Answer(
        text.toString(),
        finish,
        tokens,
        signals.signals(),
        Duration.ofNanos(first - start),
        Duration.ofNanos(end - start));
  }

  /** Takes a token; returns whether the answer ends with it. */
  private boolean ends(Drawn drawn, Listener listener) {
    int token = drawn.token();
    signals.add(drawn.distribution(), token);
    if (vocabulary.isEnd(token)) {
      return true;
    }
    if (sampling.logprobs()) {
      traces.add(trace(drawn, token));
    }
    picker.wrote(vocabulary.bytes(token));
    hand(scanner.add(characters.add(vocabulary.bytes(token))), listener);
    return scanner.stopped();
  }

  private void hand(String piece, Listener listener) {
    if (!piece.isEmpty()) {
      flush(piece, listener);
    }
  }

  private void flush(String piece, Listener listener) {
    text.append(piece);
    listener.piece(piece, List.copyOf(traces));
    traces.clear();
  }

  private TokenTrace trace(Drawn drawn, int token) {
    Distribution distribution = drawn.distribution();
    List<TokenTrace.Alternative> top =
        Arrays.stream(TopTokens.of(distribution.probabilities(), sampling.topLogprobs()))
            .mapToObj(
                t ->
                    new TokenTrace.Alternative(vocabulary.bytes(t), distribution.logProbability(t)))
            .toList();
    return new TokenTrace(
        vocabulary.bytes(token), distribution.logProbability(token), top, drawn.opinions().get());
  }
}
