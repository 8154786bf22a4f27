package dev.tutti.decoder.sampling;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.PieceIndex;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.TopSession;
import dev.tutti.decoder.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The prompt of a member of an ensemble that writes byte by byte, where the request adjusts what no
 * byte by itself can stand for: the member's own tokens are adjusted, as if it wrote alone, before
 * bytes are made of them ({@link Adjustments#ofPieces}). Of a byte each letter would be a
 * repetition.
 */
public final class AdjustedPrompt implements MemberPrompt {

  private final MemberPrompt prompt;
  private final Vocabulary vocabulary;
  private final Adjuster adjuster;

  /**
   * A prompt of a member.
   *
   * @param vocabulary of the member
   * @param adjustments of its tokens
   */
  public AdjustedPrompt(MemberPrompt prompt, Vocabulary vocabulary, Adjustments adjustments) {
    this.prompt = prompt;
    this.vocabulary = vocabulary;
    this.adjuster = new Adjuster(adjustments);
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
    return new Adjusted(session, session.length(), List.of());
  }

  @Override
  public TopSession openTop(PieceIndex index, double unlisted) {
    return prompt.openTop(index, unlisted);
  }

  private final class Adjusted implements DecodeSession {

    private final DecodeSession session;
    private final int prompted;

    // Behind each token of the answer.
    private final List<Prefix> prefixes;

    private Adjusted(DecodeSession session, int prompted, List<Prefix> prefixes) {
      this.session = session;
      this.prompted = prompted;
      this.prefixes = new ArrayList<>(prefixes);
    }

    private Prefix prefix() {
      return prefixes.isEmpty() ? Prefix.EMPTY : prefixes.getLast();
    }

    private void wrote(int... tokens) {
      int first = session.length() - tokens.length;
      for (int t = Math.max(0, prompted - first); t < tokens.length; t++) {
        prefixes.add(prefix().with(vocabulary.bytes(tokens[t])));
      }
    }

    @Override
    public Distribution next() {
      return adjuster.adjusted(session.next(), vocabulary, prefix());
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
      double[] logprobs = session.score(tokens);
      wrote(tokens);
      return logprobs;
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
      wrote(tokens);
    }

    @Override
    public int remaining() {
      return session.remaining();
    }

    @Override
    public void rewind(int length) {
      session.rewind(length);
      int kept = Math.max(0, length - prompted);
      if (kept < prefixes.size()) {
        prefixes.subList(kept, prefixes.size()).clear();
      }
    }

    @Override
    public DecodeSession fork() {
      return new Adjusted(session.fork(), prompted, prefixes);
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
