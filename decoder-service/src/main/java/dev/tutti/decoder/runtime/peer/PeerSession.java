package dev.tutti.decoder.runtime.peer;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.v1.AppendTokens;
import dev.tutti.decoder.v1.NextTokens;
import dev.tutti.decoder.v1.OpenSession;
import dev.tutti.decoder.v1.RewindSession;
import dev.tutti.decoder.v1.ScoreTokens;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.decoder.v1.SessionStep;
import dev.tutti.decoder.v1.TellHidden;
import dev.tutti.decoder.v1.TokenBranch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A session of a model that another decoder holds. Its tokens are kept here too, so that a round
 * trip is only made where the model is asked for something; what was appended and rewound since
 * then travels with it. It tells what a session there would, bit for bit, unless fewer tokens than
 * all are wanted of each distribution.
 */
final class PeerSession implements DecodeSession {

  /** Most logits of one question: as the contract has it. */
  private static final int MOST_LOGITS = 16 << 20;

  private final PeerStream stream;
  private final int number;
  private final int vocabulary;
  private final int capacity;
  private final Distribution distribution;
  private int[] tokens;
  private int length;
  // Whether the distribution is the one after all tokens.
  private boolean fresh;
  private boolean tellsHidden;
  // What the model told behind the last token; null where it was not asked there.
  private Optional<float[]> hidden;
  private boolean closed;

  /**
   * An empty session.
   *
   * @param sha256 of the files that text is cut with here
   * @param vocabulary number of its tokens
   * @param capacity most tokens that it holds
   */
  PeerSession(Peer peer, String model, String sha256, int vocabulary, int capacity) {
    this(
        new PeerStream(peer, model, opening(peer, model, sha256)),
        0,
        vocabulary,
        capacity,
        new int[16],
        0);
  }

  private PeerSession(
      PeerStream stream, int number, int vocabulary, int capacity, int[] tokens, int length) {
    this.stream = stream;
    this.number = number;
    this.vocabulary = vocabulary;
    this.capacity = capacity;
    this.distribution = new Distribution(vocabulary);
    this.tokens = tokens;
    this.length = length;
  }

  private static OpenSession opening(Peer peer, String model, String sha256) {
    var opening = OpenSession.newBuilder().setModel(model).setTokensSha256(sha256);
    peer.top().ifPresent(opening::setTop);
    return opening.build();
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int remaining() {
    return capacity - length;
  }

  @Override
  public int[] tokens() {
    return Arrays.copyOf(tokens, length);
  }

  @Override
  public void append(int... added) {
    requireFit(added);
    if (added.length > 0) {
      keep(added);
      stream.tell(
          step()
              .setAppend(AppendTokens.newBuilder().addAllTokens(Ints.asList(added.clone())))
              .build());
    }
  }

  private void requireFit(int[] added) {
    if (added.length > remaining()) {
      throw new IllegalArgumentException(
          "%d tokens do not fit: %d of %d are taken".formatted(added.length, length, capacity));
    }
    requireKnown(added);
  }

  private void requireKnown(int[] added) {
    for (int token : added) {
      if (token < 0 || token >= vocabulary) {
        throw new IllegalArgumentException(
            "token %d is not within 0..%d".formatted(token, vocabulary - 1));
      }
    }
  }

  private void keep(int[] added) {
    if (tokens.length < length + added.length) {
      tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, length + added.length));
    }
    System.arraycopy(added, 0, tokens, length, added.length);
    length += added.length;
    stale();
  }

  private void stale() {
    fresh = false;
    hidden = null;
  }

  @Override
  public Distribution next() {
    requireTokens();
    if (!fresh) {
      List<SessionResponse> answers = ask(1, asking(List.of()));
      read(answers.getFirst(), distribution);
      fresh = true;
    }
    return distribution;
  }

  @Override
  public List<Distribution> next(int... proposed) {
    requireTokens();
    requireFit(proposed);
    var places = new ArrayList<Distribution>(proposed.length + 1);
    int most = Math.max(1, MOST_LOGITS / vocabulary - 1);
    for (int from = 0; from == 0 || from < proposed.length; from += most) {
      int[] part = Arrays.copyOfRange(proposed, from, Math.min(from + most, proposed.length));
      keep(part);
      List<SessionResponse> answers = ask(part.length + 1, asking(Ints.asList(part)));
      // Each part but the first begins where the one before ended.
      for (SessionResponse answer : from == 0 ? answers : answers.subList(1, answers.size())) {
        var place = new Distribution(vocabulary);
        read(answer, place);
        places.add(place);
      }
    }
    return places;
  }

  private static SessionStep.Builder asking(List<Integer> proposed) {
    return SessionStep.newBuilder().setNext(NextTokens.newBuilder().addAllProposed(proposed));
  }

  @Override
  public void reserve() {
    requireTokens();
    try {
      // Of no tokens: the model has nothing to do.
      ask(1, SessionStep.newBuilder().setScore(ScoreTokens.getDefaultInstance()));
    } catch (DecodeException e) {
      // The stream has ended: the first question says so again.
    }
  }

  @Override
  public double[] score(int... added) {
    requireTokens();
    if (added.length == 0) {
      return new double[0];
    }
    requireFit(added);
    keep(added);
    return scores(
        ScoreTokens.newBuilder().addAllTokens(Ints.asList(added.clone())), added.length, 1);
  }

  @Override
  public List<double[]> score(List<int[]> branches) {
    requireTokens();
    int wanted = 0;
    var asked = ScoreTokens.newBuilder();
    for (int[] branch : branches) {
      requireFit(Arrays.copyOf(branch, Math.max(0, branch.length - 1)));
      requireKnown(branch);
      wanted += branch.length;
      asked.addBranches(TokenBranch.newBuilder().addAllTokens(Ints.asList(branch.clone())));
    }
    // One after the other where its graph reads no batch.
    double[] all = wanted == 0 ? new double[0] : scores(asked, wanted, branches.size());
    var told = new ArrayList<double[]>();
    int at = 0;
    for (int[] branch : branches) {
      told.add(Arrays.copyOfRange(all, at, at + branch.length));
      at += branch.length;
    }
    return told;
  }

  private double[] scores(ScoreTokens.Builder asked, int wanted, int texts) {
    SessionResponse answer =
        askPatiently(1, texts, SessionStep.newBuilder().setScore(asked)).getFirst();
    List<Double> logprobs = answer.getScores().getLogprobsList();
    if (logprobs.size() != wanted || logprobs.stream().anyMatch(l -> !(l <= 0))) {
      throw stream.refuse(
          new DecodeException("It told the scores %s of %d tokens.".formatted(logprobs, wanted)));
    }
    return logprobs.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  public Optional<float[]> hidden() {
    requireTokens();
    tellsHidden = true;
    if (hidden == null) {
      ask(0);
    }
    return hidden.map(float[]::clone);
  }

  /** Does steps that have answers; with them comes the hidden state, once it was asked for. */
  private List<SessionResponse> ask(int due, SessionStep.Builder... steps) {
    return askPatiently(due, 1, steps);
  }

  /** The same of steps of which each may take as long as several. */
  private List<SessionResponse> askPatiently(int due, int patience, SessionStep.Builder... steps) {
    var all = new ArrayList<SessionStep>();
    for (SessionStep.Builder step : steps) {
      all.add(step.setSession(number).build());
    }
    if (tellsHidden) {
      all.add(step().setHidden(TellHidden.getDefaultInstance()).build());
    }
    List<SessionResponse> answers = stream.ask(number, due + (tellsHidden ? 1 : 0), patience, all);
    if (tellsHidden) {
      hidden = hidden(answers.getLast());
    }
    return answers.subList(0, due);
  }

  private Optional<float[]> hidden(SessionResponse answer) {
    if (!answer.hasHidden()) {
      throw stream.refuse(new DecodeException("It told no hidden state."));
    }
    float[] values = Floats.toArray(answer.getHidden().getValuesList());
    return values.length == 0 ? Optional.empty() : Optional.of(values);
  }

  private void read(SessionResponse answer, Distribution place) {
    try {
      Places.read(answer.getPlace(), place);
    } catch (DecodeException e) {
      throw stream.refuse(e);
    }
  }

  private SessionStep.Builder step() {
    return SessionStep.newBuilder().setSession(number);
  }

  private void requireTokens() {
    if (closed) {
      throw new IllegalStateException("The session is closed.");
    }
    if (length == 0) {
      throw new IllegalStateException("The session is empty.");
    }
  }

  @Override
  public void rewind(int kept) {
    if (kept < 0 || kept > length) {
      throw new IllegalArgumentException(
          "length = %d, must be within 0..%d".formatted(kept, length));
    }
    if (kept < length) {
      length = kept;
      stale();
      stream.tell(step().setRewind(RewindSession.newBuilder().setLength(kept)).build());
    }
  }

  @Override
  public PeerSession fork() {
    var copy =
        new PeerSession(stream, stream.fork(number), vocabulary, capacity, tokens.clone(), length);
    copy.tellsHidden = tellsHidden;
    return copy;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      stream.close(number);
    }
  }
}
