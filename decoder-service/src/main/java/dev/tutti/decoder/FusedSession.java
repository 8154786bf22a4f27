package dev.tutti.decoder;

import dev.tutti.decoder.Table.Seat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Several members that write one text. The tokens of a step are a vocabulary that all of them
 * share, or the union of the pieces that they tell at that step ({@link PieceUnion}), which mean
 * something until the next one. Its length counts these tokens, without the members' prompts.
 *
 * <p>Members that sit a step out only remember its text; they read it in one pass when they are
 * asked again. A model here that fails, or cannot write a piece of the text, is left out from there
 * on and the weights of the others are scaled up; so is one whose context is full, unless the gate
 * needs it. A member that cannot write half a character waits for its other half; one with nothing
 * to say sits the step out. Whatever else a member throws, such as an endpoint's failure, ends the
 * answer.
 */
public final class FusedSession implements JointSession, DecodeSession {

  private final TokenPlan plan;
  private final Optional<Vocabulary> shared;
  private final StepRunner runner;
  private final Table table;
  private final StepMixture mixture;
  private final Vocabulary view;
  // Null until the first step, since the members may have to read their prompts for it.
  private StepGate.State gate;
  private StepGate.State opening;
  private boolean fresh;
  private int steps;
  private int fusedSteps;
  private double agreement;

  /**
   * An answer.
   *
   * @param shared the members' vocabulary; empty where each step has its own
   * @param members one a member of the plan, in the same order; closed with it
   * @param runner asks the members of a step
   */
  public FusedSession(
      TokenPlan plan,
      Optional<Vocabulary> shared,
      List<? extends JointMember> members,
      StepRunner runner) {
    this(plan, shared, new Table(plan.members(), members, plan.gate()::needs), runner);
  }

  private FusedSession(
      TokenPlan plan, Optional<Vocabulary> shared, Table table, StepRunner runner) {
    this.plan = plan;
    this.shared = shared;
    this.table = table;
    this.runner = runner;
    this.mixture = new StepMixture(shared);
    this.view = new StepVocabulary(mixture::tokens);
  }

  @Override
  public Vocabulary vocabulary() {
    return shared.orElse(view);
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
  public double weight(int member) {
    return opening == null ? plan.weights().get(member) : opening.weights()[member];
  }

  @Override
  public MemberActivity activity(int member) {
    return table.activity(member);
  }

  @Override
  public MemberActivity activityAfterStep(int member) {
    // Whom the gate does not want is asked only where all others fail, which cannot be foreseen.
    boolean wanted = gate == null || gate.scout().isPresent() || gate.weights()[member] > 0;
    boolean again = gate == null && plan.gate().readsPromptsAgain();
    return wanted ? table.activityAfterStep(member, again) : table.activity(member);
  }

  @Override
  public Optional<String> leftOut(int member) {
    return table.leftOut(member);
  }

  @Override
  public Map<String, Double> measures() {
    var measures = new TreeMap<String, Double>();
    for (Seat seat : table.byName()) {
      seat.member.measures().forEach((name, value) -> measures.merge(name, value, Math::max));
    }
    if (gate != null) {
      measures.putAll(gate.measures(fresh ? mixture.votes() : List.of()));
    }
    return measures;
  }

  @Override
  public int length() {
    return table.length();
  }

  @Override
  public int remaining() {
    return table.remaining();
  }

  /** {@inheritDoc} They are not kept: each belongs to the step that told it. */
  @Override
  public int[] tokens() {
    throw new UnsupportedOperationException("The tokens of a step are not kept after it.");
  }

  @Override
  public Distribution next() {
    step();
    return told();
  }

  private Distribution told() {
    if (!fresh) {
      throw new DecodeException("No member of the ensemble is left: " + table.failures());
    }
    return mixture.distribution();
  }

  /** Takes it, unless nobody is left to. */
  private void step() {
    if (!fresh) {
      begin();
      fresh = combine(ask());
    }
  }

  /**
   * {@inheritDoc} One token, with what those who took part in its step thought of it; none where
   * the text turned out to be too long for the last one whose context was not full.
   */
  @Override
  public List<Drawn> draw(Picker picker, int most) {
    step();
    if (!fresh && table.isFull()) {
      return List.of();
    }
    widen(picker);
    Distribution drawnFrom = told();
    int token = behind(picker).pick(drawnFrom);
    return List.of(new Drawn(token, drawnFrom, () -> mixture.opinions(token)));
  }

  private Picker behind(Picker picker) {
    return picker.behind(picker.prefix(), mixture.tokens());
  }

  /** Where the caller bans all pieces of the step, its members list more as long as there are. */
  private void widen(Picker picker) {
    while (shared.isEmpty() && fresh && !behind(picker).leaves(mixture.distribution())) {
      var more = new boolean[table.size()];
      runner.run(more.length, m -> more[m] = table.seat(m).more());
      if (!any(more)) {
        return;
      }
      fresh = mixture.widen();
    }
  }

  private static boolean any(boolean[] each) {
    boolean any = false;
    for (boolean one : each) {
      any |= one;
    }
    return any;
  }

  private void begin() {
    if (gate == null) {
      var prompts = new ArrayList<Optional<PromptReading>>();
      if (plan.gate().readsPrompts()) {
        IntStream.range(0, table.size()).forEach(_ -> prompts.add(Optional.empty()));
        runner.run(table.size(), m -> prompts.set(m, table.seat(m).readPrompt()));
      }
      gate =
          plan.gate()
              .begin(
                  plan.weights().stream().mapToDouble(Double::doubleValue).toArray(),
                  List.copyOf(prompts));
      opening = gate;
    }
  }

  /** Asks whom the gate wants; returns how much each member counts. */
  private double[] ask() {
    table.clear();
    OptionalInt scout = gate.scout();
    // Each member is asked once, so a gate that sends them round in a circle ends with all.
    for (int asked = 0; scout.isPresent() && asked < table.size(); asked++) {
      Seat seat = table.seat(scout.getAsInt());
      runner.one(seat.index, _ -> seat.ask(table.length()));
      if (!seat.speaks()) {
        break;
      }
      switch (gate.judge(seat.index, seat.member)) {
        case StepGate.Verdict.Alone _ -> {
          var alone = new double[table.size()];
          alone[seat.index] = 1;
          return alone;
        }
        case StepGate.Verdict.Together _ -> scout = OptionalInt.empty();
        case StepGate.Verdict.Instead(int member) -> scout = OptionalInt.of(member);
      }
    }
    double[] wanted = gate.weights();
    if (anySpeaks(wanted)) {
      return wanted;
    }
    double[] all = plan.weights().stream().mapToDouble(Double::doubleValue).toArray();
    anySpeaks(all);
    return all;
  }

  /** Asks all who have a weight; returns whether one of them has something to say. */
  private boolean anySpeaks(double[] weights) {
    runner.run(
        table.size(),
        m -> {
          if (weights[m] > 0) {
            table.seat(m).ask(table.length());
          }
        });
    return IntStream.range(0, weights.length)
        .anyMatch(m -> weights[m] > 0 && table.seat(m).speaks());
  }

  /** Returns whether there was somebody to combine. */
  private boolean combine(double[] weights) {
    List<Seat> voters =
        table.byName().stream().filter(seat -> seat.speaks() && weights[seat.index] > 0).toList();
    if (voters.isEmpty()) {
      return false;
    }
    mixture.mix(voters, weights, gate.combiner().orElse(plan.combiner()));
    steps++;
    fusedSteps += voters.size() > 1 ? 1 : 0;
    agreement += mixture.agreement();
    return true;
  }

  @Override
  public void append(int... appended) {
    for (int token : appended) {
      byte[] piece = mixture.tokens().bytes(token);
      if (mixture.tokens().isSpecial(token)) {
        throw new IllegalArgumentException("Token " + token + " stands for no text.");
      }
      begin();
      table.append(token, piece, gate);
      gate = gate.after(new StepGate.Step(piece, token, fresh ? mixture.votes() : List.of()));
      fresh = false;
    }
  }

  /** {@inheritDoc} Tokens that mean something for one step only cannot be scored. */
  @Override
  public double[] score(int... scored) {
    if (shared.isEmpty()) {
      throw new UnsupportedOperationException("The tokens of a step are not known before it.");
    }
    var logprobs = new double[scored.length];
    for (int i = 0; i < scored.length; i++) {
      logprobs[i] = next().logProbability(scored[i]);
      append(scored[i]);
    }
    return logprobs;
  }

  @Override
  public void rewind(int length) {
    if (length < 0 || length > table.length()) {
      throw new IllegalArgumentException(
          "length = %d, must be within 0..%d".formatted(length, table.length()));
    }
    if (length < table.length()) {
      gate = table.rewind(length);
      fresh = false;
    }
  }

  @Override
  public FusedSession fork() {
    var copy = new FusedSession(plan, shared, table.fork(plan.members()), runner);
    copy.gate = gate;
    copy.opening = opening;
    copy.mixture.keepTokens(mixture);
    return copy;
  }

  @Override
  public void close() {
    table.close();
  }
}
