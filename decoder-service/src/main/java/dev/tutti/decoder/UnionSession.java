package dev.tutti.decoder;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Several members that write one text, each telling only its most probable pieces: the tokens of a
 * step are the union of these, in the order of their bytes (unsigned), the end last where anyone
 * has it, so that ties are broken by text. They mean something until the next step.
 *
 * <p>A model here that fails, or cannot write a piece of the text, is left out from there on and
 * the weights of the others are scaled up; one that cannot write half a character waits for its
 * other half; one with nothing to say sits the step out. Whatever else a member throws, such as an
 * endpoint's failure, ends the answer.
 */
public final class UnionSession implements JointSession {

  private final TopPlan plan;
  private final StepRunner runner;
  private final Seat[] seats;
  // By name, so that sums round alike whatever the order of the members.
  private final Seat[] byName;
  private final Vocabulary vocabulary = new StepVocabulary();
  private final List<Mark> marks = new ArrayList<>();
  private List<byte[]> union = List.of();
  private Distribution distribution;
  private boolean full;
  private int steps;
  private int fusedSteps;
  private double agreement;

  /** Where each member stood before a piece was appended. */
  private record Mark(int[] lengths, byte[][] held) {}

  /** A member at this table. */
  private static final class Seat {
    final String name;
    final double weight;
    final TopSession session;
    List<TopSession.Piece> top = List.of();
    byte[] held = {};
    String failure;
    // Index of the piece that it could not write, which is why it failed; -1 for none.
    int unwritable = -1;

    Seat(String name, double weight, TopSession session) {
      this.name = name;
      this.weight = weight;
      this.session = session;
    }

    boolean present() {
      return failure == null && held.length == 0;
    }
  }

  /** The pieces of the step. */
  private final class StepVocabulary implements Vocabulary {
    @Override
    public int size() {
      return union.size();
    }

    @Override
    public byte[] bytes(int token) {
      return union.get(token);
    }

    @Override
    public boolean isSpecial(int token) {
      return isEnd(token);
    }

    @Override
    public boolean isEnd(int token) {
      return union.get(token).length == 0;
    }
  }

  UnionSession(TopPlan plan, List<? extends TopSession> sessions, StepRunner runner) {
    if (sessions.size() != plan.members().size()) {
      throw new IllegalArgumentException(
          "%d sessions for %d members".formatted(sessions.size(), plan.members().size()));
    }
    this.plan = plan;
    this.runner = runner;
    this.seats = new Seat[sessions.size()];
    for (int m = 0; m < seats.length; m++) {
      seats[m] = new Seat(plan.members().get(m).name(), plan.weights().get(m), sessions.get(m));
    }
    this.byName = seats.clone();
    Arrays.sort(byName, Comparator.comparing(seat -> seat.name));
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
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
    return seats[member].session.activity().failed(Optional.ofNullable(seats[member].failure));
  }

  @Override
  public MemberActivity activityAfterStep(int member) {
    return seats[member].present() ? seats[member].session.activityAfterStep() : activity(member);
  }

  @Override
  public int length() {
    return marks.size();
  }

  @Override
  public int remaining() {
    return full
        ? 0
        : Arrays.stream(seats)
            .filter(seat -> seat.failure == null)
            .mapToInt(seat -> seat.session.remaining())
            .min()
            .orElse(0);
  }

  @Override
  public Distribution next() {
    if (distribution == null) {
      runner.run(seats.length, m -> ask(seats[m]));
      union = union();
      distribution = combined();
    }
    return distribution;
  }

  private void ask(Seat seat) {
    seat.top = List.of();
    if (seat.present()) {
      try {
        seat.top = seat.session.top(plan.k());
      } catch (DecodeException e) {
        seat.failure = e.getMessage();
      }
    }
  }

  private List<byte[]> union() {
    var spellings = new TreeSet<String>();
    for (Seat seat : seats) {
      seat.top.forEach(piece -> spellings.add(PieceIndex.spelling(piece.bytes())));
    }
    boolean end = spellings.remove("");
    var pieces = new ArrayList<byte[]>();
    spellings.forEach(piece -> pieces.add(piece.getBytes(StandardCharsets.ISO_8859_1)));
    if (end) {
      pieces.add(new byte[0]);
    }
    return List.copyOf(pieces);
  }

  private Distribution combined() {
    List<Seat> voters = Arrays.stream(byName).filter(seat -> !seat.top.isEmpty()).toList();
    if (voters.isEmpty()) {
      throw new DecodeException("No member of the ensemble is left: " + failures());
    }
    double total = voters.stream().mapToDouble(seat -> seat.weight).sum();
    List<double[]> scores = voters.stream().map(seat -> seat.session.scores(union)).toList();
    double[] weights = voters.stream().mapToDouble(seat -> seat.weight / total).toArray();
    var combined = new double[union.size()];
    plan.combiner().combine(scores, weights, combined);
    var made = new Distribution(union.size());
    made.setProbabilities(combined);
    steps++;
    fusedSteps += voters.size() > 1 ? 1 : 0;
    for (Seat seat : voters) {
      if (Arrays.equals(seat.top.getFirst().bytes(), union.get(made.mostProbable()))) {
        agreement += seat.weight / total;
      }
    }
    return made;
  }

  private String failures() {
    var all = new ArrayList<String>();
    for (Seat seat : seats) {
      String why = seat.held.length > 0 ? "waits for the rest of a character" : "says nothing";
      all.add(seat.name + ": " + (seat.failure == null ? why : seat.failure));
    }
    return String.join("; ", all);
  }

  @Override
  public void append(int... tokens) {
    for (int token : tokens) {
      byte[] piece = union.get(token);
      if (piece.length == 0) {
        throw new IllegalArgumentException("Token " + token + " stands for no text.");
      }
      marks.add(
          new Mark(
              Arrays.stream(seats).mapToInt(seat -> seat.session.length()).toArray(),
              Arrays.stream(seats).map(seat -> seat.held).toArray(byte[][]::new)));
      for (Seat seat : seats) {
        if (seat.failure == null) {
          append(seat, piece);
        }
      }
      distribution = null;
    }
  }

  private void append(Seat seat, byte[] piece) {
    byte[] bytes = join(seat.held, piece);
    switch (seat.session.append(bytes)) {
      case WRITTEN -> seat.held = new byte[0];
      // The answer ends here; nobody is asked again.
      case FULL -> full = true;
      case UNWRITABLE -> {
        if (Utf8.incompleteTail(bytes, bytes.length) > 0) {
          seat.held = bytes;
        } else {
          seat.unwritable = marks.size() - 1;
          seat.failure = "cannot write '%s'".formatted(new String(bytes, StandardCharsets.UTF_8));
        }
      }
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    if (first.length == 0) {
      return second;
    }
    var joined = new ByteArrayOutputStream();
    joined.writeBytes(first);
    joined.writeBytes(second);
    return joined.toByteArray();
  }

  @Override
  public double[] score(int... tokens) {
    throw new UnsupportedOperationException("The tokens of a step are not known before it.");
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
    for (int m = 0; m < seats.length; m++) {
      Seat seat = seats[m];
      seat.session.rewind(mark.lengths()[m]);
      seat.held = mark.held()[m];
      if (seat.unwritable >= length) {
        seat.unwritable = -1;
        seat.failure = null;
      }
    }
    marks.subList(length, marks.size()).clear();
    full = false;
    distribution = null;
  }

  @Override
  public UnionSession fork() {
    var copy =
        new UnionSession(
            plan, Arrays.stream(seats).map(seat -> seat.session.fork()).toList(), runner);
    copy.marks.addAll(marks);
    copy.full = full;
    copy.union = union;
    for (int m = 0; m < seats.length; m++) {
      copy.seats[m].held = seats[m].held;
      copy.seats[m].failure = seats[m].failure;
      copy.seats[m].unwritable = seats[m].unwritable;
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
