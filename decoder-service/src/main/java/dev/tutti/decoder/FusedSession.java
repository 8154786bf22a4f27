package dev.tutti.decoder;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Several sessions that write one text: a session over the shared vocabulary of a {@link
 * FusionPlan}. Its length counts shared tokens, without the members' prompts.
 *
 * <p>Members that sit a step out only remember its text; they read it in one pass when they are
 * asked again. A member that fails, or cannot write a piece of the text, is left out from there on
 * and the weights of the others are scaled up. A member that cannot write half a character waits
 * for its other half.
 */
public final class FusedSession implements JointSession {

  private final FusionPlan plan;
  private final StepRunner runner;
  private final Seat[] seats;
  // By name, so that sums round alike whatever the order of the members.
  private final Seat[] byName;
  private final double[] combined;
  private final Distribution distribution;
  private final List<Mark> marks = new ArrayList<>();
  private boolean fresh;
  private boolean full;
  private int steps;
  private int fusedSteps;
  private double agreement;

  /** Where each member stood before a shared token was appended. */
  private record Mark(int[] lengths, byte[][] held) {}

  /** A member at this table. */
  private static final class Seat {
    final int index;
    final double weight;
    final DecodeSession session;
    final double[] aligned;
    byte[] held = {};
    int favourite;
    boolean tookPart;
    // Length of the session when it was asked last, and how many tokens since then are its own.
    int readUpTo;
    int own;
    int read;
    int written;
    String failure;
    // Index of the shared token that it could not write, which is why it failed; -1 for none.
    int unwritable = -1;

    Seat(int index, double weight, DecodeSession session, int sharedSize) {
      this.index = index;
      this.weight = weight;
      this.session = session;
      this.aligned = new double[sharedSize];
    }

    /** Tokens that it reads when it is asked, without those that it wrote. */
    int unread() {
      return session.length() - readUpTo - own;
    }

    boolean present() {
      return failure == null && held.length == 0;
    }
  }

  FusedSession(FusionPlan plan, List<? extends DecodeSession> sessions, StepRunner runner) {
    if (sessions.size() != plan.members().size()) {
      throw new IllegalArgumentException(
          "%d sessions for %d members".formatted(sessions.size(), plan.members().size()));
    }
    this.plan = plan;
    this.runner = runner;
    int size = plan.aligner().shared().size();
    this.seats = new Seat[sessions.size()];
    for (int m = 0; m < seats.length; m++) {
      seats[m] = new Seat(m, plan.weights().get(m), sessions.get(m), size);
    }
    this.byName = seats.clone();
    Arrays.sort(byName, Comparator.comparing(seat -> plan.members().get(seat.index).name()));
    this.combined = new double[size];
    this.distribution = new Distribution(size);
  }

  @Override
  public Vocabulary vocabulary() {
    return plan.aligner().shared();
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int fusedSteps() {
    return fusedSteps;
  }

  @Override
  public double agreement() {
    return steps == 0 ? 0 : Math.clamp(agreement / steps, 0, 1);
  }

  @Override
  public MemberActivity activity(int member) {
    Seat seat = seats[member];
    return MemberActivity.counted(seat.read, seat.written, Optional.ofNullable(seat.failure));
  }

  @Override
  public MemberActivity activityAfterStep(int member) {
    Seat seat = seats[member];
    return seat.present()
        ? MemberActivity.counted(seat.read + seat.unread(), seat.written + 1, Optional.empty())
        : activity(member);
  }

  @Override
  public int length() {
    return marks.size();
  }

  @Override
  public int remaining() {
    int least = full ? 0 : Integer.MAX_VALUE;
    for (Seat seat : seats) {
      if (seat.failure == null) {
        least = Math.min(least, seat.session.remaining());
      }
    }
    return least == Integer.MAX_VALUE ? 0 : least;
  }

  @Override
  public Distribution next() {
    if (fresh) {
      return distribution;
    }
    for (Seat seat : seats) {
      seat.tookPart = false;
    }
    boolean settled = false;
    if (plan.gate().scout().isPresent()) {
      Seat scout = seats[plan.gate().scout().getAsInt()];
      if (scout.present()) {
        ask(scout);
        settled = scout.tookPart && plan.gate().settles(scout.session.next());
      }
    }
    if (!settled) {
      runner.run(seats.length, m -> ask(seats[m]));
    }
    combine();
    fresh = true;
    return distribution;
  }

  private void ask(Seat seat) {
    if (!seat.present() || seat.tookPart) {
      return;
    }
    try {
      Distribution own = seat.session.next();
      plan.aligner().align(seat.index, own, seat.aligned);
      seat.favourite = plan.aligner().shared(seat.index, own.mostProbable());
    } catch (DecodeException e) {
      seat.failure = e.getMessage();
      return;
    }
    seat.tookPart = true;
    seat.read += seat.unread();
    seat.readUpTo = seat.session.length();
    seat.own = 0;
    seat.written++;
  }

  private void combine() {
    var aligned = new ArrayList<double[]>(seats.length);
    double total = 0;
    for (Seat seat : byName) {
      if (seat.tookPart) {
        aligned.add(seat.aligned);
        total += seat.weight;
      }
    }
    if (aligned.isEmpty()) {
      throw new DecodeException("No member of the ensemble is left: " + failures());
    }
    var weights = new double[aligned.size()];
    int next = 0;
    for (Seat seat : byName) {
      if (seat.tookPart) {
        weights[next++] = seat.weight / total;
      }
    }
    plan.combiner().combine(aligned, weights, combined);
    distribution.setProbabilities(combined);
    steps++;
    fusedSteps += aligned.size() > 1 ? 1 : 0;
    for (Seat seat : byName) {
      if (seat.tookPart && seat.favourite == distribution.mostProbable()) {
        agreement += seat.weight / total;
      }
    }
  }

  private String failures() {
    var all = new ArrayList<String>();
    for (Seat seat : seats) {
      String why = seat.failure == null ? "waits for the rest of a character" : seat.failure;
      all.add(plan.members().get(seat.index).name() + ": " + why);
    }
    return String.join("; ", all);
  }

  @Override
  public void append(int... tokens) {
    for (int token : tokens) {
      if (plan.aligner().shared().isSpecial(token)) {
        throw new IllegalArgumentException("Token " + token + " stands for no text.");
      }
      marks.add(mark());
      for (Seat seat : seats) {
        if (seat.failure == null) {
          append(seat, token);
        }
      }
      fresh = false;
    }
  }

  private void append(Seat seat, int token) {
    Optional<int[]> own;
    if (seat.held.length == 0) {
      own = plan.aligner().tokens(seat.index, token);
    } else {
      own = Optional.empty();
    }
    if (own.isEmpty()) {
      byte[] bytes = join(seat.held, plan.aligner().shared().bytes(token));
      own = plan.aligner().tokens(seat.index, bytes);
      if (own.isEmpty() && endsInsideCharacter(bytes)) {
        seat.held = bytes;
        return;
      }
      if (own.isEmpty()) {
        seat.unwritable = marks.size() - 1;
        seat.failure =
            "cannot write '%s' in its own tokens"
                .formatted(new String(bytes, StandardCharsets.UTF_8));
        return;
      }
      seat.held = new byte[0];
    }
    int[] ids = own.get();
    if (ids.length > seat.session.remaining()) {
      // The answer ends here; nobody is asked again.
      full = true;
      return;
    }
    seat.session.append(ids);
    seat.own += seat.tookPart ? 1 : 0;
  }

  private Mark mark() {
    var lengths = new int[seats.length];
    var held = new byte[seats.length][];
    for (Seat seat : seats) {
      lengths[seat.index] = seat.session.length();
      held[seat.index] = seat.held;
    }
    return new Mark(lengths, held);
  }

  private static byte[] join(byte[] first, byte[] second) {
    var joined = new ByteArrayOutputStream();
    joined.writeBytes(first);
    joined.writeBytes(second);
    return joined.toByteArray();
  }

  private static boolean endsInsideCharacter(byte[] bytes) {
    return Utf8.incompleteTail(bytes, bytes.length) > 0;
  }

  @Override
  public double[] score(int... tokens) {
    var logprobs = new double[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      logprobs[i] = next().logProbability(tokens[i]);
      append(tokens[i]);
    }
    return logprobs;
  }

  @Override
  public void rewind(int length) {
    if (length < 0 || length > marks.size()) {
      throw new IllegalArgumentException(
          "length = %d, must be within 0..%d".formatted(length, marks.size()));
    }
    if (length == marks.size()) {
      return;
    }
    Mark mark = marks.get(length);
    for (Seat seat : seats) {
      seat.session.rewind(mark.lengths()[seat.index]);
      seat.held = mark.held()[seat.index];
      if (seat.unwritable >= length) {
        seat.unwritable = -1;
        seat.failure = null;
      }
      seat.readUpTo = Math.min(seat.readUpTo, seat.session.length());
      seat.own = Math.min(seat.own, seat.session.length() - seat.readUpTo);
    }
    marks.subList(length, marks.size()).clear();
    full = false;
    fresh = false;
  }

  @Override
  public FusedSession fork() {
    var sessions = Arrays.stream(seats).map(seat -> seat.session.fork()).toList();
    var copy = new FusedSession(plan, sessions, runner);
    copy.marks.addAll(marks);
    copy.full = full;
    for (Seat seat : seats) {
      copy.seats[seat.index].held = seat.held;
      copy.seats[seat.index].failure = seat.failure;
      copy.seats[seat.index].unwritable = seat.unwritable;
      copy.seats[seat.index].readUpTo = seat.readUpTo;
      copy.seats[seat.index].own = seat.own;
    }
    return copy;
  }

  @Override
  public void close() {
    for (Seat seat : seats) {
      seat.session.close();
    }
  }
}
