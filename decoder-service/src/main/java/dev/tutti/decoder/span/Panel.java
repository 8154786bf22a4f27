package dev.tutti.decoder.span;

import dev.tutti.decoder.AnswerSource.Picker;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.StepRunner;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/**
 * The members that write and judge one text. Who fails, or cannot write what the answer goes on
 * with, is left out from there on. Members stand by name, so that sums round alike whatever their
 * order in the recipe.
 */
final class Panel implements AutoCloseable {

  private final List<SpanMember> members;
  private final int[] places;
  private final StepRunner runner;
  private final String[] failures;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private boolean full;

  /**
   * At the beginning of the text.
   *
   * @param members by name; closed with it
   * @param places where each member of the recipe stands among them
   * @param runner knows members by their index in the recipe
   */
  Panel(List<SpanMember> members, int[] places, StepRunner runner) {
    this.members = members;
    this.places = places;
    this.runner = runner;
    this.failures = new String[members.size()];
  }

  /** A member, by its place. */
  SpanMember member(int place) {
    return members.get(place);
  }

  private boolean left(int member) {
    return failures[member] == null;
  }

  /**
   * Has members propose, at once.
   *
   * @param topP mass that they draw from, at most
   * @return one a member; null where it does not take part, or failed
   * @throws DecodeException where none is left
   */
  Span[] propose(
      IntPredicate takesPart, Segmenter segmenter, Picker picker, double topP, int most) {
    var seeds = new long[members.size()];
    for (int m = 0; m < seeds.length; m++) {
      seeds[m] = picker.random().nextLong();
    }
    byte[] before = text.toByteArray();
    var spans = new Span[members.size()];
    each(
        takesPart,
        m -> {
          Picker its = picker.with(topP, new SplittableRandom(seeds[m]));
          spans[m] = members.get(m).propose(before, segmenter, its, most);
        });
    for (Span span : spans) {
      if (span != null) {
        return spans;
      }
    }
    var why = new ArrayList<String>();
    for (int m = 0; m < failures.length; m++) {
      why.add(members.get(m).name() + ": " + (left(m) ? "sits the round out" : failures[m]));
    }
    throw new DecodeException("No member of the ensemble is left: " + String.join("; ", why));
  }

  /**
   * Has members judge candidates, at once.
   *
   * @param own what each wrote itself, as {@link #propose} told it
   * @param perByte whether a score is the mean over bytes, not over the judge's tokens
   * @return as {@link Ballot#scores}
   */
  double[][] judge(IntPredicate takesPart, List<Span> candidates, Span[] own, boolean perByte) {
    byte[] before = text.toByteArray();
    var scores = new double[members.size()][];
    each(
        takesPart,
        m -> {
          List<Span> others =
              candidates.stream().filter(c -> own[m] == null || !own[m].says(c)).toList();
          Iterator<Optional<Likelihood>> read = members.get(m).score(before, others).iterator();
          var its = new double[candidates.size()];
          for (int c = 0; c < its.length; c++) {
            Span span = candidates.get(c);
            int bytes = span.bytes();
            boolean known = own[m] != null && own[m].says(span);
            its[c] =
                known
                    ? mean(own[m], perByte)
                    : read.next()
                        .map(l -> mean(l.logprob(), l.tokens(), bytes, perByte))
                        .orElse(-Ballot.MOST_NATS);
          }
          scores[m] = its;
        });
    return scores;
  }

  /**
   * A judgement.
   *
   * @param bytes of the text, the end counted as one
   */
  static double mean(double logprob, int tokens, int bytes, boolean perByte) {
    int count = perByte ? bytes : tokens;
    return count == 0 ? -Ballot.MOST_NATS : Math.max(-Ballot.MOST_NATS, logprob / count);
  }

  /** What its writer finds of a span. */
  static double mean(Span own, boolean perByte) {
    return mean(own.logprob(), own.size(), own.bytes(), perByte);
  }

  private interface Part {
    void play(int member);
  }

  private void each(IntPredicate takesPart, Part part) {
    runner.run(
        places.length,
        index -> {
          int m = places[index];
          if (left(m) && takesPart.test(m)) {
            try {
              part.play(m);
            } catch (DecodeException e) {
              failures[m] = e.getMessage();
            }
          }
        });
  }

  /**
   * Goes on with a span.
   *
   * @param takesPart whom it concerns: others have left
   * @param own what each member proposed last; null where it did not
   */
  void accept(IntPredicate takesPart, Span span, Span[] own) {
    byte[] before = text.toByteArray();
    for (int m = 0; m < members.size(); m++) {
      if (left(m) && takesPart.test(m)) {
        Optional<Span> its = Optional.ofNullable(own[m]).filter(o -> o.says(span));
        switch (members.get(m).accept(before, span, its)) {
          case WRITTEN -> {}
          // The answer ends here; nobody is asked again.
          case FULL -> full = true;
          case UNWRITABLE ->
              failures[m] =
                  "cannot write '%s' in its own tokens"
                      .formatted(new String(span.text(), StandardCharsets.UTF_8));
        }
      }
    }
    text.writeBytes(span.text());
  }

  /** Tokens that still fit, for each member that is left and takes part. */
  int remaining(IntPredicate takesPart) {
    int least = Integer.MAX_VALUE;
    for (int m = 0; m < members.size(); m++) {
      boolean writes = left(m) && takesPart.test(m);
      least = writes ? Math.min(least, members.get(m).remaining()) : least;
    }
    return full || least == Integer.MAX_VALUE ? 0 : least;
  }

  /** Forward passes of all. */
  long passes() {
    return members.stream().mapToLong(SpanMember::passes).sum();
  }

  MemberActivity activity(int member) {
    return members.get(member).activity().failed(Optional.ofNullable(failures[member]));
  }

  MemberActivity activityAfter(int member, int writes, int reads) {
    return left(member) ? members.get(member).activityAfter(writes, reads) : activity(member);
  }

  @Override
  public void close() {
    members.forEach(SpanMember::close);
  }
}
