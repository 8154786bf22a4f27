package dev.tutti.decoder.span;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The answer of a span ensemble and one by each member alone grow side by side, a span a step; when
 * all have ended every member judges all of them as wholes, and the winner is told.
 */
final class RerankSession implements JointSession {

  private final SpanPlan plan;
  private final StepRunner runner;
  private final SpanSession fused;
  private final List<SpanSession> alone = new ArrayList<>();
  // The fused answer first, then one a member.
  private final List<Draft> drafts;
  private final SpanQueue decided = new SpanQueue();
  private final int room;
  private boolean over;
  private int winner;

  /** An answer that is being written. */
  private static final class Draft {
    private final SpanSession session;
    private final List<Span> spans = new ArrayList<>();
    private Prefix prefix = Prefix.EMPTY;
    private int tokens;
    private boolean done;
    private boolean failed;

    private Draft(SpanSession session) {
      this.session = session;
    }

    private void grow(Picker picker, int most) {
      if (done) {
        return;
      }
      Picker its = picker.behind(prefix, session.vocabulary());
      int drawn = session.draw(its, most - tokens).getLast().token();
      prefix = session.winner().behind(prefix);
      spans.add(session.winner());
      tokens += session.winner().size();
      done = session.winner().ended() || tokens == most;
      if (!done) {
        session.append(drawn);
        done = session.remaining() < 1;
      }
    }

    private byte[] text() {
      var text = new ByteArrayOutputStream();
      spans.forEach(span -> text.writeBytes(span.text()));
      return text.toByteArray();
    }

    private int bytes() {
      return text().length + (ended() ? 1 : 0);
    }

    private SpanMember.Piece piece() {
      return new SpanMember.Piece(text(), ended());
    }

    private boolean says(Draft other) {
      return ended() == other.ended() && Arrays.equals(text(), other.text());
    }

    private boolean ended() {
      return !spans.isEmpty() && spans.getLast().ended();
    }
  }

  /** At the beginning of the answer, of at least two members. */
  RerankSession(SpanPlan plan, List<? extends MemberPrompt> prompts, StepRunner runner) {
    this.plan = plan;
    this.runner = runner;
    this.fused = plan.open(prompts, runner);
    var all = new ArrayList<>(List.of(new Draft(fused)));
    for (int m = 0; m < prompts.size(); m++) {
      alone.add(plan.alone(m).open(List.of(prompts.get(m)), StepRunner.SEQUENTIAL));
      all.add(new Draft(alone.get(m)));
    }
    this.drafts = List.copyOf(all);
    this.room = fused.remaining();
  }

  @Override
  public List<Drawn> draw(Picker picker, int most) {
    if (!over) {
      grow(picker, most);
      if (!drafts.stream().allMatch(draft -> draft.done)) {
        return List.of();
      }
      over = true;
      rerank();
    }
    return decided.next(most);
  }

  private void grow(Picker picker, int most) {
    var seeds = new long[alone.size()];
    for (int m : plan.byName()) {
      seeds[m] = picker.random().nextLong();
    }
    drafts.getFirst().grow(picker, most);
    runner.run(
        alone.size(),
        m -> {
          Draft draft = drafts.get(m + 1);
          try {
            draft.grow(picker.with(1, new SplittableRandom(seeds[m])), most);
          } catch (DecodeException e) {
            draft.done = true;
            draft.failed = true;
          }
        });
  }

  /** Decides for the draft that wins. */
  private void rerank() {
    int[] byName = plan.byName();
    var order = new ArrayList<>(List.of(drafts.getFirst()));
    Arrays.stream(byName).forEach(m -> order.add(drafts.get(m + 1)));
    var candidates = new ArrayList<Draft>();
    var wrote = new int[byName.length];
    for (int place = -1; place < byName.length; place++) {
      Draft draft = order.get(place + 1);
      int candidate = draft.failed ? -1 : candidate(candidates, draft);
      if (place >= 0) {
        wrote[place] = candidate;
      }
    }
    var scores = new double[byName.length][];
    if (candidates.size() > 1) {
      var places = new int[byName.length];
      for (int place = 0; place < places.length; place++) {
        places[byName[place]] = place;
      }
      runner.run(places.length, m -> scores[places[m]] = judge(m, candidates));
    }
    double[] weights = Arrays.stream(byName).mapToDouble(m -> plan.weights().get(m)).toArray();
    var ballot = new Ballot(candidates.size(), wrote, scores);
    int choice = plan.choice().begin(weights.clone()).choose(ballot).candidate();
    winner = drafts.indexOf(candidates.get(choice));
    decide(
        candidates.get(choice),
        () ->
            ballot.opinions(choice, weights, byName, place -> mean(drafts.get(byName[place] + 1))));
  }

  /** Opinions are of the whole answer, and told where it begins. */
  private void decide(Draft draft, Supplier<List<Opinion>> opinions) {
    for (Span span : draft.spans) {
      decided.add(span, span == draft.spans.getFirst() ? opinions : List::of);
    }
  }

  private double mean(Draft own) {
    Likelihood its = known(own);
    return Panel.mean(its.logprob(), its.tokens(), own.bytes(), plan.perByte());
  }

  private static int candidate(List<Draft> candidates, Draft draft) {
    for (int c = 0; c < candidates.size(); c++) {
      Draft known = candidates.get(c);
      if (known.says(draft)) {
        return c;
      }
    }
    candidates.add(draft);
    return candidates.size() - 1;
  }

  private double[] judge(int member, List<Draft> candidates) {
    Draft own = drafts.get(member + 1);
    if (own.failed) {
      return null;
    }
    List<SpanMember.Piece> others =
        candidates.stream().filter(draft -> !draft.says(own)).map(Draft::piece).toList();
    try {
      Iterator<Optional<Likelihood>> read = own.session.likelihoods(others).iterator();
      return candidates.stream()
          .mapToDouble(
              draft -> {
                int bytes = draft.bytes();
                Optional<Likelihood> its = draft.says(own) ? Optional.of(known(own)) : read.next();
                return its.map(l -> Panel.mean(l.logprob(), l.tokens(), bytes, plan.perByte()))
                    .orElse(-Ballot.MOST_NATS);
              })
          .toArray();
    } catch (DecodeException e) {
      own.failed = true;
      return null;
    }
  }

  private static Likelihood known(Draft own) {
    return new Likelihood(
        own.spans.stream().mapToDouble(Span::logprob).sum(),
        own.spans.stream().mapToDouble(Span::leastLogprob).min().orElse(0),
        own.tokens);
  }

  /** The fused answer as far as it is, where nothing is decided yet. */
  @Override
  public List<Drawn> conclude(int most) {
    if (!over) {
      over = true;
      decide(drafts.getFirst(), List::of);
    }
    return decided.next(most);
  }

  @Override
  public Vocabulary vocabulary() {
    return decided.vocabulary();
  }

  /** {@inheritDoc} What was told was decided before, so there is nothing to do. */
  @Override
  public void append(int... tokens) {}

  @Override
  public int remaining() {
    return over ? decided.tokens() : room;
  }

  @Override
  public int steps() {
    return fused.steps();
  }

  @Override
  public int fusedSteps() {
    return fused.fusedSteps();
  }

  @Override
  public double agreement() {
    return fused.agreement();
  }

  @Override
  public double weight(int member) {
    return fused.weight(member);
  }

  @Override
  public MemberActivity activity(int member) {
    return sum(fused.activity(member), alone.get(member).activity(0));
  }

  /** {@inheritDoc} At most, and where it may be the last one with the judging of whole answers. */
  @Override
  public MemberActivity activityAfterStep(int member) {
    if (over) {
      return activity(member);
    }
    int length = drafts.stream().mapToInt(draft -> draft.tokens).sum();
    int longest = plan.segmenter().longest() + Segmenter.REST;
    MemberActivity after =
        sum(fused.activityAfterStep(member), alone.get(member).activityAfterStep(0));
    return MemberActivity.counted(
        after.tokensRead() + length + (long) longest * drafts.size(),
        after.tokensWritten(),
        after.failure());
  }

  private static MemberActivity sum(MemberActivity one, MemberActivity two) {
    return MemberActivity.counted(
        one.tokensRead() + two.tokensRead(),
        one.tokensWritten() + two.tokensWritten(),
        one.failure().or(two::failure));
  }

  /** {@inheritDoc} {@code fused_won} is 1 where the answer that is told is the fused one. */
  @Override
  public Map<String, Double> measures() {
    var measures = new TreeMap<>(fused.measures());
    for (SpanSession each : alone) {
      measures.merge("forward_passes", each.measures().get("forward_passes"), Double::sum);
    }
    measures.put("fused_won", winner == 0 ? 1.0 : 0.0);
    return measures;
  }

  @Override
  public void close() {
    fused.close();
    alone.forEach(SpanSession::close);
  }
}
