package dev.tutti.decoder.sampling;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.PieceIndex;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.TopSession;
import dev.tutti.decoder.Vocabulary;
import java.util.Map;
import java.util.Optional;

/**
 * The prompt of a member of an ensemble that writes byte by byte, where the request penalises what
 * was written: the member's own tokens are penalised, as if it wrote alone, before bytes are made
 * of them. A byte by itself is no piece: each letter would be a repetition.
 */
public final class PenalisedPrompt implements MemberPrompt {

  private final MemberPrompt prompt;
  private final Vocabulary vocabulary;
  private final Adjuster adjuster;

  /**
   * A prompt of a member.
   *
   * @param vocabulary of the member
   * @param adjustments of which the penalties are applied, the biases not
   */
  public PenalisedPrompt(MemberPrompt prompt, Vocabulary vocabulary, Adjustments adjustments) {
    this.prompt = prompt;
    this.vocabulary = vocabulary;
    this.adjuster =
        new Adjuster(
            new Adjustments(
                adjustments.frequencyPenalty(), adjustments.presencePenalty(), Map.of(), Map.of()));
  }

  @Override
  public long tokens() {
    return prompt.tokens();
  }

  @Override
  public int room() {
    return prompt.room();
  }

  @Override
  public DecodeSession open() {
    DecodeSession session = prompt.open();
    return new Penalised(session, session.length());
  }

  @Override
  public TopSession openTop(PieceIndex index, double unlisted) {
    return prompt.openTop(index, unlisted);
  }

  private final class Penalised implements DecodeSession {

    private final DecodeSession session;
    private final int prompted;

    private Penalised(DecodeSession session, int prompted) {
      this.session = session;
      this.prompted = prompted;
    }

    @Override
    public Distribution next() {
      Distribution plain = session.next();
      int[] tokens = session.tokens();
      Prefix prefix = Prefix.EMPTY;
      for (int t = prompted; t < tokens.length; t++) {
        prefix = prefix.with(vocabulary.bytes(tokens[t]));
      }
      return adjuster.adjusted(plain, vocabulary, prefix);
    }

    @Override
    public int length() {
      return session.length();
    }

    @Override
    public int[] tokens() {
      return session.tokens();
    }

    @Override
    public double[] score(int... tokens) {
      return session.score(tokens);
    }

    @Override
    public Optional<float[]> hidden() {
      return session.hidden();
    }

    @Override
    public void reserve() {
      session.reserve();
    }

    @Override
    public void append(int... tokens) {
      session.append(tokens);
    }

    @Override
    public int remaining() {
      return session.remaining();
    }

    @Override
    public void rewind(int length) {
      session.rewind(length);
    }

    @Override
    public DecodeSession fork() {
      return new Penalised(session.fork(), prompted);
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
