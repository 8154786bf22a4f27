package dev.tutti.decoder;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A member that tells its most probable pieces, which make up the tokens of a step. */
final class TopMember implements JointMember {

  /** How many times as many pieces it lists where those of a step do not do. */
  private static final int MORE = 8;

  private final int k;
  private final TopSession session;
  private List<TopSession.Piece> top = List.of();
  private int listed;

  /**
   * A member.
   *
   * @param k pieces that it lists, at least 1
   * @param session holds its prompt; closed with it
   */
  TopMember(int k, TopSession session) {
    this.k = k;
    this.session = session;
  }

  @Override
  public boolean ask() {
    listed = k;
    top = session.top(k);
    return !top.isEmpty();
  }

  @Override
  public boolean more() {
    int before = top.size();
    listed = (int) Math.min(Integer.MAX_VALUE, (long) MORE * listed);
    top = session.more(listed);
    return top.size() > before;
  }

  @Override
  public List<byte[]> pieces() {
    return top.stream().map(TopSession.Piece::bytes).toList();
  }

  @Override
  public double[] ratings(Vocabulary tokens) {
    return session.scores(IntStream.range(0, tokens.size()).mapToObj(tokens::bytes).toList());
  }

  @Override
  public boolean favours(Vocabulary tokens, int token) {
    return Arrays.equals(top.getFirst().bytes(), tokens.bytes(token));
  }

  @Override
  public Optional<byte[]> favourite(Vocabulary tokens) {
    return Optional.of(top.getFirst().bytes());
  }

  @Override
  public double highest() {
    return Math.exp(top.getFirst().logprob());
  }

  @Override
  public Optional<Distribution> distribution() {
    return Optional.empty();
  }

  @Override
  public Optional<float[]> hidden() {
    return session.hidden();
  }

  @Override
  public TopSession.Appended append(int token, byte[] piece) {
    return session.append(piece);
  }

  @Override
  public Optional<PromptReading> prompt() {
    return session.prompt();
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
  public TopMember fork() {
    return new TopMember(k, session.fork());
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
