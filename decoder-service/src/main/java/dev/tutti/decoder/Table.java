package dev.tutti.decoder;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * The members that write one text, and where each of them stands in it. A member that fails, or
 * cannot write a piece of the text, is left out from there on, and so is one whose context is full
 * where the others can do without it; one that cannot write half a character waits for its other
 * half.
 */
final class Table {

  private static final String FULL = "its context is full";

  private final Seat[] seats;
  // So that sums round alike whatever the order of the members.
  private final List<Seat> byName;
  private final List<Mark> marks = new ArrayList<>();
  private final IntPredicate needed;

  /** Where each member, and the gate, stood before a piece was appended. */
  private record Mark(int[] lengths, byte[][] held, StepGate.State gate) {}

  /** A member at this table. */
  static final class Seat {
    final int index;
    final String name;
    final JointMember member;
    private byte[] held = {};
    private boolean asked;
    private boolean speaks;
    private String failure;
    // Index of the piece that it could not write, which is why it failed; -1 for none.
    private int unwritable = -1;
    // Number of pieces behind which its context was full; -1 where it is not.
    private int fullBehind = -1;
    // Whether others took a step since then.
    private boolean missed;

    private Seat(int index, String name, JointMember member) {
      this.index = index;
      this.name = name;
      this.member = member;
    }

    private boolean present() {
      return writes() && held.length == 0;
    }

    private boolean writes() {
      return failure == null && fullBehind < 0;
    }

    /** Whether it has something to say in this step; false before it is asked. */
    boolean speaks() {
      return speaks;
    }

    /**
     * Asks it for this step, once.
     *
     * @param behind number of pieces so far
     */
    void ask(int behind) {
      if (asked || !present()) {
        return;
      }
      asked = true;
      try {
        speaks = member.ask();
        if (!speaks && member.remaining() < 1) {
          // It had not read all of the text, and now it does not fit.
          fullBehind = behind;
        }
      } catch (DecodeException e) {
        failure = e.getMessage();
      }
    }

    /** Has it list more pieces for this step; returns whether that changes what the step has. */
    boolean more() {
      try {
        return speaks && member.more();
      } catch (DecodeException e) {
        failure = e.getMessage();
        speaks = false;
        return true;
      }
    }

    /** Has it read its prompt; empty where it cannot tell how. */
    Optional<PromptReading> readPrompt() {
      try {
        Optional<PromptReading> reading = member.prompt();
        reading.ifPresent(PromptReading::logprobs);
        return reading;
      } catch (DecodeException e) {
        failure = e.getMessage();
        return Optional.empty();
      }
    }
  }

  /**
   * All members at the beginning of the text.
   *
   * @param parts of the plan
   * @param members one a part, in the same order; closed with the table
   * @param needed without whom nobody writes on
   */
  Table(List<TokenMember> parts, List<? extends JointMember> members, IntPredicate needed) {
    if (members.size() != parts.size()) {
      throw new IllegalArgumentException(
          "%d sessions for %d members".formatted(members.size(), parts.size()));
    }
    this.needed = needed;
    this.seats = new Seat[members.size()];
    for (int m = 0; m < seats.length; m++) {
      seats[m] = new Seat(m, parts.get(m).name(), members.get(m));
    }
    this.byName =
        Arrays.stream(seats).sorted(Comparator.comparing((Seat seat) -> seat.name)).toList();
  }

  /** A copy at the same place, whose members have done nothing yet. */
  Table fork(List<TokenMember> parts) {
    var copy =
        new Table(parts, Arrays.stream(seats).map(seat -> seat.member.fork()).toList(), needed);
    copy.marks.addAll(marks);
    for (Seat seat : seats) {
      copy.seats[seat.index].held = seat.held;
      copy.seats[seat.index].failure = seat.failure;
      copy.seats[seat.index].unwritable = seat.unwritable;
      copy.seats[seat.index].fullBehind = seat.fullBehind;
      copy.seats[seat.index].missed = seat.missed;
    }
    return copy;
  }

  /** Number of members. */
  int size() {
    return seats.length;
  }

  /** A member, by its index in the plan. */
  Seat seat(int member) {
    return seats[member];
  }

  /** All members, by name. */
  List<Seat> byName() {
    return byName;
  }

  /** Number of pieces appended. */
  int length() {
    return marks.size();
  }

  /** Steps that still fit, for whoever is left with most room and all who are needed. */
  int remaining() {
    int most = 0;
    int bound = Integer.MAX_VALUE;
    for (Seat seat : seats) {
      if (seat.fullBehind >= 0 && needed.test(seat.index)) {
        return 0;
      }
      if (seat.writes()) {
        int its = seat.member.remaining();
        most = Math.max(most, its);
        bound = needed.test(seat.index) ? Math.min(bound, its) : bound;
      }
    }
    return Math.min(bound, most);
  }

  /** Whether nobody writes on, and some because their context is full. */
  boolean isFull() {
    return Arrays.stream(seats).noneMatch(Seat::writes)
        && Arrays.stream(seats).anyMatch(seat -> seat.fullBehind >= 0);
  }

  /** Why others wrote on without a member that has not failed. */
  Optional<String> leftOut(int member) {
    Seat seat = seats[member];
    // Where it found out only when it was asked, others may say something in that very step.
    boolean missing = seat.asked && !seat.speaks && Arrays.stream(seats).anyMatch(Seat::speaks);
    return seat.fullBehind >= 0 && (seat.missed || missing) && seat.failure == null
        ? Optional.of(FULL)
        : Optional.empty();
  }

  MemberActivity activity(int member) {
    return seats[member].member.activity().failed(Optional.ofNullable(seats[member].failure));
  }

  /** After a step, before which it may read all that it holds once more. */
  MemberActivity activityAfterStep(int member, boolean again) {
    if (!seats[member].present()) {
      return activity(member);
    }
    MemberActivity after = seats[member].member.activityAfterStep();
    return again ? after.reading(seats[member].member.length()) : after;
  }

  /** Before a step: nobody has been asked. */
  void clear() {
    for (Seat seat : seats) {
      seat.asked = false;
      seat.speaks = false;
      seat.missed = seat.fullBehind >= 0;
    }
  }

  /** Why nobody is left, member by member. */
  String failures() {
    var all = new ArrayList<String>();
    for (Seat seat : seats) {
      String silent = seat.held.length > 0 ? "waits for the rest of a character" : "says nothing";
      String why = seat.fullBehind < 0 ? silent : FULL;
      all.add(seat.name + ": " + (seat.failure == null ? why : seat.failure));
    }
    return String.join("; ", all);
  }

  /**
   * All members that are left go on with a piece.
   *
   * @param token the piece among the tokens of the step
   * @param gate the gate before it
   */
  void append(int token, byte[] piece, StepGate.State gate) {
    var lengths = new int[seats.length];
    var held = new byte[seats.length][];
    for (Seat seat : seats) {
      lengths[seat.index] = seat.member.length();
      held[seat.index] = seat.held;
    }
    marks.add(new Mark(lengths, held, gate));
    for (Seat seat : seats) {
      if (seat.writes()) {
        append(seat, token, piece);
      }
    }
  }

  private void append(Seat seat, int token, byte[] piece) {
    boolean whole = seat.held.length == 0;
    byte[] bytes = whole ? piece : join(seat.held, piece);
    switch (seat.member.append(whole ? token : -1, bytes)) {
      case WRITTEN -> {
        seat.held = new byte[0];
        if (seat.member.remaining() < 1) {
          full(seat);
        }
      }
      case FULL -> full(seat);
      case UNWRITABLE -> {
        if (Utf8.incompleteTail(bytes, bytes.length) > 0) {
          seat.held = bytes;
        } else {
          seat.unwritable = marks.size() - 1;
          seat.failure =
              "cannot write '%s' in its own tokens"
                  .formatted(new String(seat.member.refused(bytes), StandardCharsets.UTF_8));
        }
      }
    }
  }

  /** It is not asked again, nor is anybody where it is needed. */
  private void full(Seat seat) {
    seat.fullBehind = marks.size();
  }

  private static byte[] join(byte[] first, byte[] second) {
    var joined = new ByteArrayOutputStream();
    joined.writeBytes(first);
    joined.writeBytes(second);
    return joined.toByteArray();
  }

  /**
   * Takes back all pieces from {@code length} on. Who could not write one of them is back again;
   * who failed is not.
   *
   * @param length 0 to {@link #length()} - 1
   * @return the gate as it was there
   */
  StepGate.State rewind(int length) {
    Mark mark = marks.get(length);
    for (Seat seat : seats) {
      seat.member.rewind(mark.lengths()[seat.index]);
      seat.held = mark.held()[seat.index];
      if (seat.unwritable >= length) {
        seat.unwritable = -1;
        seat.failure = null;
      }
      if (seat.fullBehind > length) {
        seat.fullBehind = -1;
        seat.missed = false;
      }
    }
    marks.subList(length, marks.size()).clear();
    return mark.gate();
  }

  void close() {
    for (Seat seat : seats) {
      seat.member.close();
    }
  }
}
