package dev.tutti.decoder;

import java.util.List;
import java.util.Optional;

/** A model whose whole distribution is moved onto the vocabulary that all members share. */
final class AlignedMember implements JointMember {

  private final int index;
  private final VocabularyAligner aligner;
  private final CountedSession session;
  private final double[] aligned;
  private Distribution own;
  private int favourite;

  /**
   * A member.
   *
   * @param index among the aligner's members
   * @param session holds its prompt; closed with it
   */
  AlignedMember(int index, VocabularyAligner aligner, DecodeSession session) {
    this(index, aligner, new CountedSession(session));
  }

  private AlignedMember(int index, VocabularyAligner aligner, CountedSession session) {
    this.index = index;
    this.aligner = aligner;
    this.session = session;
    this.aligned = new double[aligner.shared().size()];
  }

  @Override
  public boolean ask() {
    own = session.next();
    aligner.align(index, own, aligned);
    favourite = aligner.shared(index, own.mostProbable());
    return true;
  }

  @Override
  public List<byte[]> pieces() {
    return List.of();
  }

  @Override
  public double[] ratings(Vocabulary tokens) {
    return aligned;
  }

  @Override
  public boolean favours(Vocabulary tokens, int token) {
    return token == favourite;
  }

  @Override
  public Optional<byte[]> favourite(Vocabulary tokens) {
    return favourite < 0 ? Optional.empty() : Optional.of(tokens.bytes(favourite));
  }

  @Override
  public double highest() {
    return own.probability(own.mostProbable());
  }

  @Override
  public Optional<Distribution> distribution() {
    return Optional.of(own);
  }

  @Override
  public Optional<float[]> hidden() {
    return session.hidden();
  }

  @Override
  public TopSession.Appended append(int token, byte[] piece) {
    Optional<int[]> ids = token < 0 ? Optional.empty() : aligner.tokens(index, token);
    return ids.or(() -> aligner.tokens(index, piece))
        .map(session::append)
        .orElse(TopSession.Appended.UNWRITABLE);
  }

  @Override
  public Optional<PromptReading> prompt() {
    return Optional.of(session.prompt());
  }

  @Override
  public int length() {
    return session.length();
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
  public AlignedMember fork() {
    return new AlignedMember(index, aligner, session.fork());
  }

  @Override
  public MemberActivity activity() {
    return session.activity();
  }

  @Override
  public MemberActivity activityAfterStep() {
    return session.activityAfterStep();
  }

  @Override
  public void close() {
    session.close();
  }
}
