package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.VocabularyAligner;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An answer of which a member writes a block that the others check: its text so far, of which the
 * end may still be taken back, and who had a say in it. What it tells of usage is what the plain
 * ensemble would tell: tokens that were taken back are nobody's.
 */
abstract class BlockSession implements JointSession {

  /** Shared tokens: those that are decided, and behind them those that may be taken back. */
  final SharedText text;

  final VocabularyAligner vocabulary;

  private final JointPlan plan;
  private final StepCombiner combiner;
  private final List<Reader> readers;
  private final StepRunner runner;
  // So that sums round alike whatever the order of the members.
  private final List<Reader> byName;
  private int decided;
  // Whether the last of the decided tokens is still to be appended by the caller.
  private boolean pending;
  private int steps;
  private int fusedSteps;
  private double agreement;

  /** What the members together hold for a place. */
  record Joint(Distribution distribution, List<Vote> votes) {

    /** What those who had a say thought of a token, in the order of the recipe. */
    private List<Opinion> opinions(int token, Vocabulary tokens) {
      return votes.stream()
          .map(vote -> opinion(vote, token, tokens))
          .sorted(Comparator.comparingInt(Opinion::member))
          .toList();
    }

    private static Opinion opinion(Vote vote, int token, Vocabulary tokens) {
      int favourite = ((Place) vote.heard()).favourite();
      return new Opinion(
              vote.member(),
              vote.weight(),
              Math.min(0, Math.log(vote.ratings()[token])),
              favourite == token)
          .wanting(favourite < 0 ? Optional.empty() : Optional.of(tokens.bytes(favourite)));
    }
  }

  BlockSession(
      JointPlan plan,
      VocabularyAligner vocabulary,
      StepCombiner combiner,
      List<Reader> readers,
      StepRunner runner) {
    this.plan = plan;
    this.vocabulary = vocabulary;
    this.text = new SharedText(vocabulary.shared());
    this.combiner = combiner;
    this.readers = readers;
    this.runner = runner;
    this.byName = readers.stream().sorted(Comparator.comparing(Reader::name)).toList();
  }

  /** Most tokens that a {@link #draw} behind the first can tell. */
  abstract int block();

  /** Those that have not failed, in the order of the recipe. */
  final List<Reader> left() {
    List<Reader> left = readers.stream().filter(reader -> reader.failure() == null).toList();
    if (left.isEmpty()) {
      var why = readers.stream().map(reader -> reader.name() + ": " + reader.failure()).toList();
      throw new DecodeException("No member of the ensemble is left: " + String.join("; ", why));
    }
    return left;
  }

  final List<Reader> readers() {
    return readers;
  }

  /** Has one do what it may have to read for. */
  final void one(Reader reader, Consumer<Reader> pass) {
    // The runner knows members by their index in the recipe.
    runner.one(reader.index(), _ -> pass.accept(reader));
  }

  /** The same of all that have not failed, at once. */
  final void each(Consumer<Reader> pass) {
    runner.run(
        readers.size(),
        index -> {
          Reader reader = readers.get(index);
          if (reader.failure() == null) {
            pass.accept(reader);
          }
        });
  }

  /** A picker of the next token of a draft. */
  final Picker behind(Picker picker, Prefix prefix) {
    return picker.behind(prefix, vocabulary.shared());
  }

  /** A text with the token at a place behind it. */
  final Prefix with(Prefix prefix, int place) {
    return prefix.with(vocabulary.shared().bytes(text.get(place)));
  }

  /** Number of tokens that are decided. */
  final int decided() {
    return decided;
  }

  /** What those who know a place hold for it together; by the weights of the plan. */
  final Joint joint(Function<Reader, Optional<Place>> told) {
    var voters = new LinkedHashMap<Reader, Place>();
    byName.stream()
        .filter(reader -> reader.failure() == null)
        .forEach(reader -> told.apply(reader).ifPresent(place -> voters.put(reader, place)));
    double total = 0;
    for (Reader reader : voters.keySet()) {
      total += plan.weights().get(reader.index());
    }
    var votes = new ArrayList<Vote>();
    for (var voter : voters.entrySet()) {
      double weight = plan.weights().get(voter.getKey().index()) / total;
      Place place = voter.getValue();
      votes.add(new Vote(voter.getKey().index(), weight, place.shared().probabilities(), place));
    }
    var combined = new double[vocabulary.shared().size()];
    combiner.combine(votes, combined);
    var distribution = new Distribution(combined.length);
    distribution.setProbabilities(combined);
    return new Joint(distribution, List.copyOf(votes));
  }

  /**
   * The next token is decided; what stood behind it is taken back where it is another one.
   *
   * @param joint whose votes had a say
   */
  final Drawn decide(int token, Joint joint) {
    if (decided < text.size() && text.get(decided) != token) {
      cut(decided);
    }
    if (decided == text.size()) {
      text.add(token);
    }
    decided++;
    pending = true;
    steps++;
    fusedSteps += joint.votes().size() > 1 ? 1 : 0;
    var heard = new BitSet();
    for (Vote vote : joint.votes()) {
      heard.set(vote.member());
      if (((Place) vote.heard()).favourite() == joint.distribution().mostProbable()) {
        agreement += vote.weight();
      }
    }
    for (Reader reader : left()) {
      if (heard.get(reader.index())) {
        reader.wrote();
      } else {
        reader.caughtUp();
      }
    }
    return new Drawn(token, joint.distribution(), () -> joint.opinions(token, vocabulary.shared()));
  }

  /** Takes the text back to so many tokens. */
  final void cut(int place) {
    text.cut(place);
    changed(place);
  }

  /** Called when another token may stand at a place than its readers read there. */
  abstract void changed(int place);

  /** {@inheritDoc} Where another token comes than was drawn, what was drawn is taken back. */
  @Override
  public final void append(int... tokens) {
    for (int token : tokens) {
      Vocabulary shared = vocabulary.shared();
      if (token < 0 || token >= shared.size() || shared.isSpecial(token)) {
        throw new IllegalArgumentException(
            "token %d is none of the %d that stand for text".formatted(token, shared.size()));
      }
      if (remaining() < 1) {
        throw new IllegalArgumentException("A token does not fit: %d are there".formatted(decided));
      }
      if (!pending || text.get(decided - 1) != token) {
        retract();
        text.add(token);
        decided++;
      }
      pending = false;
    }
  }

  private void retract() {
    decided -= pending ? 1 : 0;
    cut(decided);
  }

  /** Refuses a draw before the token that was drawn last is appended. */
  final void requireAppended() {
    if (pending) {
      throw new IllegalStateException("The token that was drawn last is not appended.");
    }
  }

  @Override
  public final int remaining() {
    int capacity =
        readers.stream()
            .filter(reader -> reader.failure() == null)
            .mapToInt(this::capacity)
            .min()
            .orElse(0);
    return Math.max(0, capacity - decided + (pending ? 1 : 0));
  }

  /** Most tokens of the answer that a member has room for, as far as is known. */
  abstract int capacity(Reader reader);

  @Override
  public final Vocabulary vocabulary() {
    return vocabulary.shared();
  }

  @Override
  public final int steps() {
    return steps;
  }

  @Override
  public final int fusedSteps() {
    return fusedSteps;
  }

  @Override
  public final double agreement() {
    return steps == 0 ? 0 : Math.clamp(agreement / steps, 0, 1);
  }

  @Override
  public final double weight(int member) {
    return plan.weights().get(member);
  }

  @Override
  public final MemberActivity activity(int member) {
    return readers.get(member).activity();
  }

  @Override
  public final MemberActivity activityAfterStep(int member) {
    Reader reader = readers.get(member);
    return reader.failure() == null
        ? reader.activityAfter(steps == 0 ? 1 : block())
        : reader.activity();
  }

  /** Forward passes of each member. */
  final Map<String, Double> passes() {
    var passes = new LinkedHashMap<String, Double>();
    for (Reader reader : readers) {
      passes.put("passes_" + reader.name(), (double) reader.passes());
    }
    return passes;
  }

  @Override
  public final void close() {
    readers.forEach(Reader::close);
  }
}
