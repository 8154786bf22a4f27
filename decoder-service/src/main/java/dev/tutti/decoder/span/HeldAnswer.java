package dev.tutti.decoder.span;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.MemberActivity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A member's session with an answer in its own tokens behind the prompt, and what was read and
 * written of it. The session may hold a proposal behind the answer. Confined to one thread at a
 * time.
 */
final class HeldAnswer implements AutoCloseable {

  private static final int NONE = -1;

  private final DecodeSession session;
  private final int prompt;
  private int[] answer = {};
  // Tokens of the session that were read, and the length behind which the next one was told.
  private int known;
  private int told = NONE;
  // The token behind a proposal, which was drawn to see that it is complete.
  private int drawnAhead = NONE;
  private long read;
  private long written;
  private long passes;

  /**
   * The empty answer.
   *
   * @param session holds the prompt; closed with it
   */
  HeldAnswer(DecodeSession session) {
    this.session = session;
    this.prompt = session.length();
  }

  /** Its tokens; shared, leave them as they are. */
  int[] tokens() {
    return answer;
  }

  /** Takes back what is proposed behind the answer, where it does not follow it. */
  void begin() {
    place(answer);
  }

  /** Goes on from the empty answer; what the session holds stays till then. */
  void restart() {
    answer = new int[0];
  }

  /** Appends a token of a proposal. */
  void append(int token) {
    session.append(token);
  }

  /** A token that stands behind the proposal, if it is gone on with. */
  void drawAhead(int token) {
    drawnAhead = token;
  }

  /** Takes the token of {@link #drawAhead}; negative where there is none. */
  int takeAhead() {
    int ahead = drawnAhead;
    drawnAhead = NONE;
    return ahead;
  }

  /**
   * What comes next behind all that the session holds.
   *
   * @param own tokens of it that are the member's own and were not counted yet
   */
  Distribution next(int own) {
    if (told == session.length()) {
      return session.next();
    }
    Distribution distribution = session.next();
    counted(own);
    written++;
    passes++;
    return distribution;
  }

  private void counted(int own) {
    read += Math.max(0, session.length() - known - own);
    known = session.length();
    told = known;
  }

  /**
   * Goes on from an answer.
   *
   * @param tokens of it
   * @return whether there is room for it; where not, nothing changes
   */
  boolean goTo(int[] tokens) {
    if (tokens.length > room()) {
      return false;
    }
    place(tokens);
    answer = tokens;
    return true;
  }

  /**
   * How likely longer answers are from some token on; they are read together where the model can.
   *
   * @param texts tokens of the answers; empty, and so is what is told, for one that cannot be
   *     written. One without room for it is not read either
   * @param from index of the first token of each that counts
   * @param ended whether each is over with it
   * @param ends end tokens
   */
  List<Optional<Likelihood>> likelihoods(
      List<Optional<int[]>> texts, int[] from, List<Boolean> ended, int[] ends) {
    var which = new ArrayList<Integer>();
    for (int t = 0; t < texts.size(); t++) {
      if (texts.get(t).filter(its -> its.length <= room()).isPresent()) {
        which.add(t);
      }
    }
    var all =
        new ArrayList<Optional<Likelihood>>(Collections.nCopies(texts.size(), Optional.empty()));
    if (which.isEmpty()) {
      return all;
    }
    if (known < prompt) {
      // Once for all forks.
      session.next();
      counted(0);
      passes++;
    }
    int base = Integer.MAX_VALUE;
    for (int t : which) {
      int[] tokens = texts.get(t).orElseThrow();
      int same = Math.min(from[t], common(tokens));
      base = Math.min(base, same);
      // As if each were read by itself.
      read += tokens.length - same;
      passes++;
    }
    var branches = new ArrayList<Likelihood.Branch>();
    for (int t : which) {
      int[] tokens = texts.get(t).orElseThrow();
      int[] tail = Arrays.copyOfRange(tokens, base, tokens.length);
      branches.add(new Likelihood.Branch(tail, from[t] - base, ended.get(t)));
    }
    Iterator<Likelihood> found = behind(base, branches, ends).iterator();
    which.forEach(t -> all.set(t, Optional.of(found.next())));
    return all;
  }

  private List<Likelihood> behind(int base, List<Likelihood.Branch> branches, int[] ends) {
    if (prompt + base == session.length()) {
      return Likelihood.of(session, ends, branches);
    }
    // What the session holds behind that is a proposal, which may yet be gone on with.
    try (DecodeSession judge = session.fork()) {
      judge.rewind(prompt + base);
      return Likelihood.of(judge, ends, branches);
    }
  }

  /**
   * How probable some tokens are behind answers, which are read together where the model can. Goes
   * on from what they have in common.
   *
   * @param answers that there is room for
   * @param wanted the tokens
   * @return one array an answer, natural logarithms
   */
  List<double[]> behind(List<int[]> answers, int... wanted) {
    if (answers.size() == 1) {
      goTo(answers.getFirst());
      Distribution next = next(0);
      return List.of(Arrays.stream(wanted).mapToDouble(next::logProbability).toArray());
    }
    if (answers.isEmpty()) {
      return List.of();
    }
    int base = answers.getFirst().length;
    for (int[] its : answers) {
      int differs = Arrays.mismatch(answers.getFirst(), its);
      base = differs < 0 ? base : Math.min(base, differs);
    }
    goTo(Arrays.copyOf(answers.getFirst(), base));
    var branches = new ArrayList<int[]>();
    for (int[] its : answers) {
      int[] tail = Arrays.copyOfRange(its, base, its.length);
      Arrays.stream(wanted).forEach(next -> branches.add(Likelihood.followed(tail, next)));
    }
    Iterator<double[]> scores = session.score(branches).iterator();
    read += Math.max(0, session.length() - known);
    known = session.length();
    var all = new ArrayList<double[]>();
    for (int[] its : answers) {
      int tail = its.length - base;
      read += tail;
      written++;
      passes++;
      all.add(Arrays.stream(wanted).mapToDouble(_ -> scores.next()[tail]).toArray());
    }
    return all;
  }

  /** Has the session hold the prompt and these tokens. */
  private void place(int[] tokens) {
    int same = common(tokens);
    if (prompt + same < session.length()) {
      session.rewind(prompt + same);
      known = Math.min(known, session.length());
      told = NONE;
      drawnAhead = NONE;
    }
    if (same < tokens.length) {
      session.append(Arrays.copyOfRange(tokens, same, tokens.length));
      drawnAhead = NONE;
    }
  }

  /** Number of answer tokens that the session holds already. */
  private int common(int[] tokens) {
    int[] held = session.tokens();
    int same = 0;
    while (same < tokens.length
        && prompt + same < held.length
        && held[prompt + same] == tokens[same]) {
      same++;
    }
    return same;
  }

  /** Tokens of an answer that fit. */
  int room() {
    return session.remaining() + session.length() - prompt;
  }

  /** Forward passes that its model took, each over one token or many of one text. */
  long passes() {
    return passes;
  }

  MemberActivity activity() {
    return MemberActivity.counted(read, written, Optional.empty());
  }

  MemberActivity activityAfter(int writes, int reads) {
    return MemberActivity.counted(
        read + Math.max(0, session.length() - known) + reads, written + writes, Optional.empty());
  }

  @Override
  public void close() {
    session.close();
  }
}
