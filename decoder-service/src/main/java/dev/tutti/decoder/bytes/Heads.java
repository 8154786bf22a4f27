package dev.tutti.decoder.bytes;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.bytes.SortedTokens.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * All ways in which a model may have written the text so far. The probability of a byte is the mass
 * of all tokens that go on with it, over the heads: {@code P(b | s) = sum_h W_h sum_(v begins by
 * r_h b) p_h(v)}, divided by the same over all bytes and the end, where {@code W_h} is the
 * probability of the head's tokens and {@code r_h} the bytes behind them. Confined to one thread at
 * a time.
 */
final class Heads {

  /** Below this a mass is nothing: its inverse would overflow. */
  private static final double NOTHING = 1e-250;

  private final TokenCuts cuts;
  private final SortedTokens sorted;
  private List<Head> all;
  private boolean promptRead;
  private long read;
  private long asked;

  /**
   * Behind a prompt.
   *
   * @param session holds it; closed with these
   */
  Heads(TokenCuts cuts, DecodeSession session) {
    this.cuts = cuts;
    this.sorted = cuts.sorted();
    this.all = List.of(Head.at(session, Path.START, 1, sorted.all(), session.length()));
  }

  private Heads(TokenCuts cuts, List<Head> all) {
    this.cuts = cuts;
    this.sorted = cuts.sorted();
    this.all = all;
  }

  /** At the same place, in sessions of their own; nothing has been asked of them. */
  Heads fork() {
    var copy = new Heads(cuts, all.stream().map(Head::fork).toList());
    copy.promptRead = promptRead;
    return copy;
  }

  /** The one with the most mass. */
  Head first() {
    return all.getFirst();
  }

  /** Number of them. */
  int size() {
    return all.size();
  }

  /** Tokens that were read without having been written. */
  long read() {
    return read;
  }

  /** Forward passes: each told what comes behind a head. */
  long asked() {
    return asked;
  }

  /** Tokens that the next {@link #ask} reads without having written them. */
  long toRead() {
    return all.stream().filter(head -> !head.asked()).mapToLong(head -> head.unread).sum();
  }

  /** Forward passes of the next {@link #ask}. */
  long toAsk() {
    return all.stream().filter(head -> !head.asked()).count();
  }

  /** Tokens that fit behind each of them. */
  int remaining() {
    return all.stream().mapToInt(head -> head.session.remaining()).min().orElseThrow();
  }

  /** Tokens that the model holds behind a prompt of so many. */
  int room(int prompt) {
    return first().session.length() + first().session.remaining() - prompt;
  }

  /** Asks the model behind every head where it has not been asked. */
  void ask() {
    for (Head head : all) {
      if (!head.asked()) {
        head.ask();
        read += head.unread;
        asked++;
        promptRead = true;
      }
    }
  }

  /**
   * How probable each byte, and the end, is next. All have been asked.
   *
   * @param symbols overwritten: one a symbol, sum 1; all 0 where nothing is possible
   */
  void symbols(double[] symbols) {
    Arrays.fill(symbols, 0);
    for (Head head : all) {
      if (head.depth == 0) {
        sorted.addFirst(head.weight, head.probabilities(), symbols);
      } else {
        sorted.addNext(head.range, head.depth, head.weight, head.probabilities(), symbols);
      }
    }
    double sum = 0;
    for (double mass : symbols) {
      sum += mass;
    }
    if (sum > 0) {
      for (int s = 0; s < symbols.length; s++) {
        symbols[s] /= sum;
      }
    }
  }

  /** A head as it goes on: with a byte more, or with a token that the byte completes. */
  private record Grown(Head from, int token, Range range, double mass) {

    boolean ends() {
      return token >= 0;
    }
  }

  /**
   * The text goes on with a byte. All have been asked.
   *
   * @return share of the mass that was dropped, in [0, 1); empty where no head can go on, and then
   *     nothing has changed
   */
  OptionalDouble push(int next, HeadBounds bounds) {
    var grown = new ArrayList<Grown>();
    for (Head head : all) {
      Range range = sorted.narrow(head.range, head.depth, next);
      Range longer = sorted.longer(range, head.depth + 1);
      double[] p = head.probabilities();
      for (int i = range.from(); i < longer.from(); i++) {
        double mass = head.weight * p[sorted.token(i)];
        if (mass > NOTHING
            && head.session.remaining() > 0
            && cuts.mayFollow(head.path, sorted.token(i))) {
          grown.add(new Grown(head, sorted.token(i), sorted.all(), mass));
        }
      }
      double mass = head.weight * sorted.mass(longer, p);
      if (mass > NOTHING) {
        grown.add(new Grown(head, -1, longer, mass));
      }
    }
    if (grown.isEmpty()) {
      return OptionalDouble.empty();
    }
    double total = sum(grown);
    List<Grown> kept = kept(grown, total, bounds);
    double mass = sum(kept);
    take(kept, mass);
    return OptionalDouble.of(Math.max(0, 1 - mass / total));
  }

  private static double sum(List<Grown> grown) {
    return grown.stream().mapToDouble(Grown::mass).sum();
  }

  private static List<Grown> kept(List<Grown> grown, double total, HeadBounds bounds) {
    grown.sort(Comparator.comparingDouble(Grown::mass).reversed());
    int kept = 1;
    while (kept < Math.min(grown.size(), bounds.most())
        && grown.get(kept).mass() >= bounds.least() * total) {
      kept++;
    }
    return grown.subList(0, kept);
  }

  /** A head that does not stay hands its session on, to the first of those that follow it. */
  private void take(List<Grown> kept, double mass) {
    Set<DecodeSession> inUse = new HashSet<>();
    kept.stream().filter(each -> !each.ends()).forEach(each -> inUse.add(each.from().session));
    var heads = new ArrayList<Head>();
    // Whoever takes a session over changes it, so it comes after all who copy it.
    var last = new ArrayList<Grown>();
    for (Grown each : kept) {
      if (each.ends() && inUse.add(each.from().session)) {
        last.add(each);
        heads.add(null);
      } else if (each.ends()) {
        heads.add(ended(each, each.from().session.fork(), mass));
      } else {
        heads.add(each.from().longer(each.from().weight / mass, each.range()));
      }
    }
    for (Grown each : last) {
      heads.set(kept.indexOf(each), ended(each, each.from().session, mass));
    }
    all.stream()
        .map(head -> head.session)
        .filter(s -> !inUse.contains(s))
        .forEach(DecodeSession::close);
    all = heads;
  }

  private Head ended(Grown grown, DecodeSession session, double mass) {
    session.append(grown.token());
    Path path = cuts.then(grown.from().path, grown.token());
    return Head.at(session, path, grown.mass() / mass, sorted.all(), 0);
  }

  /**
   * Goes back to a boundary between tokens, or on to one; what was read of it is not read again.
   *
   * @param prompt tokens of the prompt
   * @param path behind it
   */
  void settle(int prompt, Path path) {
    Head base = first();
    all.stream().skip(1).forEach(head -> head.session.close());
    all = List.of(base);
    int common = Path.common(base.path, path).length();
    base.session.rewind(prompt + common);
    base.session.append(path.tokens(common));
    int unread = path.length() - common + (promptRead ? 0 : prompt);
    all = List.of(Head.at(base.session, path, 1, sorted.all(), unread));
  }

  /**
   * Drops what is out of bounds.
   *
   * @return share of the mass that was dropped
   */
  double bound(HeadBounds bounds) {
    if (all.size() <= 1) {
      return 0;
    }
    var grown = new ArrayList<Grown>();
    for (Head head : all) {
      double mass =
          head.depth == 0
              ? head.weight
              : head.weight * sorted.mass(head.range, head.probabilities());
      grown.add(new Grown(head, -1, head.range, mass));
    }
    double total = sum(grown);
    List<Grown> kept = kept(grown, total, bounds);
    double mass = sum(kept);
    Set<Head> staying = new HashSet<>();
    kept.forEach(each -> staying.add(each.from()));
    all.stream().filter(head -> !staying.contains(head)).forEach(head -> head.session.close());
    all = kept.stream().map(each -> each.from().weighing(each.from().weight / mass)).toList();
    return Math.max(0, 1 - mass / total);
  }

  void close() {
    all.forEach(head -> head.session.close());
  }
}
