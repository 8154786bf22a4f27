package dev.tutti.decoder.search;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.search.SearchPolicy.Task;
import dev.tutti.decoder.span.Segmenter;
import dev.tutti.decoder.span.SpanMember;
import dev.tutti.decoder.span.SpanQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * An answer that is searched for step by step: each draw takes one iteration, and tells what has
 * been decided since. A step of the session is an iteration.
 */
public final class SearchSession implements JointSession {

  private final SearchPlan plan;
  private final List<Integer> places;
  private final StepRunner runner;
  private final StepWriters writers;
  private final Optional<StepJudge> judge;
  private Optional<String> judgeFailure = Optional.empty();
  private final SpanQueue queue = new SpanQueue();
  private final int room;
  // Null before the first draw, which tells how long the answer may be.
  private SearchPolicy policy;
  private int most;
  private int told;
  private double agreement;
  private boolean over;
  private int deepest;
  private int steps;
  private int fusedSteps;

  SearchSession(SearchPlan plan, List<? extends MemberPrompt> prompts, StepRunner runner) {
    this.plan = plan;
    this.places = plan.writers();
    var members = new ArrayList<SpanMember>();
    for (int m : places) {
      members.add(
          new SpanMember(plan.members().get(m), plan.joins().get(m), prompts.get(m).open()));
    }
    SearchPlan.Steps cut = plan.steps();
    this.writers =
        new StepWriters(
            members,
            IntStream.range(0, plan.members().size()).map(places::indexOf).toArray(),
            weights(),
            new StepSegmenter(cut.delimiter(), cut.longest()),
            runner);
    this.runner = runner;
    this.judge = judge(prompts);
    this.room = members.stream().mapToInt(SpanMember::remaining).min().orElseThrow();
  }

  private Optional<StepJudge> judge(List<? extends MemberPrompt> prompts) {
    int judging = plan.judge();
    if (judging < 0) {
      return Optional.empty();
    }
    TokenMember part = plan.members().get(judging);
    SearchPlan.Steps cut = plan.steps();
    Optional<StepJudge.Verdicts> verdicts =
        cut.reward() == Reward.LIKELIHOOD
            ? Optional.empty()
            : Optional.of(
                new StepJudge.Verdicts(
                    StepJudge.token(part.tokenizer(), cut.right()),
                    StepJudge.token(part.tokenizer(), cut.wrong())));
    var member = new SpanMember(part, plan.joins().get(judging), prompts.get(judging).open());
    return Optional.of(new StepJudge(member, cut.delimiter(), cut.end(), verdicts));
  }

  private double[] weights() {
    return places.stream().mapToDouble(plan.weights()::get).toArray();
  }

  @Override
  public List<Drawn> draw(Picker picker, int wanted) {
    if (policy == null) {
      most = wanted;
      var limits = new StepLimits(plan.steps().depth(), most);
      policy =
          switch (plan.search()) {
            case SearchPlan.Tree tree -> new TreeSearch(tree, limits, weights());
            case SearchPlan.Best best -> new BestOfSteps(best.samples(), limits);
          };
    }
    if (queue.tokens() == 0) {
      iterate(picker);
      tell(policy.decided());
    }
    return queue.next(wanted);
  }

  private void iterate(Picker picker) {
    List<Task> tasks = policy.next(writers.left(), picker.random());
    over = tasks.isEmpty();
    if (over) {
      return;
    }
    List<Node> children = writers.write(tasks, picker, most);
    value(children);
    policy.written(tasks, children);
    steps++;
    fusedSteps += tasks.stream().mapToInt(Task::writer).distinct().count() > 1 ? 1 : 0;
  }

  private void value(List<Node> children) {
    var fresh = new ArrayList<Node>();
    for (Node child : children) {
      if (child != null && !child.valued) {
        child.valued = true;
        deepest = Math.max(deepest, child.tokens());
        fresh.add(child);
      }
    }
    double[] rewards = rewards(fresh);
    for (int n = 0; n < rewards.length; n++) {
      Node node = fresh.get(n);
      node.own = plan.steps().aggregate().value(node.parent().own, rewards[n]);
    }
  }

  private double[] rewards(List<Node> nodes) {
    if (!judged()) {
      return writers.likelihoods(nodes);
    }
    StepJudge its = judge.orElseThrow();
    Reward reward = plan.steps().reward();
    var rewards = new double[nodes.size()];
    try {
      runner.one(
          plan.judge(),
          _ -> {
            double[] told =
                reward == Reward.LIKELIHOOD ? its.likelihoods(nodes) : its.verdicts(nodes);
            System.arraycopy(told, 0, rewards, 0, told.length);
          });
      IntStream.range(0, rewards.length).forEach(n -> nodes.get(n).verdict = rewards[n]);
    } catch (DecodeException e) {
      judgeFailure = Optional.of(e.getMessage());
      // That the other writers read these steps was not promised, so the one who wrote tells.
      return writers.ownLikelihoods(nodes);
    }
    if (reward == Reward.BOTH) {
      double[] likelihoods = writers.likelihoods(nodes);
      Arrays.setAll(rewards, n -> rewards[n] * likelihoods[n]);
    }
    return rewards;
  }

  /** Whether a judge rewards, and not those who write. */
  private boolean judged() {
    return judge.isPresent() && judgeFailure.isEmpty();
  }

  private void tell(Node decided) {
    List<Node> path = decided.path();
    for (Node node : path.subList(told, path.size())) {
      queue.add(node.step(), () -> opinions(node));
      agreement += writers.share(node);
    }
    told = path.size();
  }

  private List<Opinion> opinions(Node node) {
    var all = new ArrayList<>(writers.opinions(node, places));
    if (!Double.isNaN(node.verdict)) {
      all.add(
          new Opinion(
              plan.judge(), 0, Double.NEGATIVE_INFINITY, false, OptionalDouble.of(node.verdict)));
    }
    all.sort(Comparator.comparingInt(Opinion::member));
    return all;
  }

  @Override
  public List<Drawn> conclude(int wanted) {
    if (!over && policy != null) {
      over = true;
      tell(policy.best());
    }
    return queue.next(wanted);
  }

  @Override
  public Vocabulary vocabulary() {
    return queue.vocabulary();
  }

  /** {@inheritDoc} What was told was decided before, so there is nothing to do. */
  @Override
  public void append(int... tokens) {}

  @Override
  public int remaining() {
    return over ? queue.tokens() : room;
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int fusedSteps() {
    return fusedSteps;
  }

  /**
   * {@inheritDoc} The steps are those of the answer, and the weight is that of the members that
   * wrote such a step themselves among all that wrote one in its place.
   */
  @Override
  public double agreement() {
    return told == 0 ? 0 : Math.clamp(agreement / told, 0, 1);
  }

  @Override
  public double weight(int member) {
    return plan.weights().get(member);
  }

  @Override
  public MemberActivity activity(int member) {
    int place = places.indexOf(member);
    return place < 0
        ? judge.orElseThrow().member().activity().failed(judgeFailure)
        : writers.members().get(place).activity().failed(writers.failure(place));
  }

  /** {@inheritDoc} At most: the deepest path is read anew, and every step is of greatest length. */
  @Override
  public MemberActivity activityAfterStep(int member) {
    if (over || queue.tokens() > 0) {
      return activity(member);
    }
    int batch = plan.search().batch(places.size());
    int longest = plan.steps().longest() + Segmenter.REST;
    int path = deepest + longest;
    int place = places.indexOf(member);
    if (place < 0 && !judged()) {
      return activity(member);
    }
    if (place < 0) {
      return judge.orElseThrow().member().activityAfter(batch, batch * path);
    }
    if (writers.failure(place).isPresent()) {
      return activity(member);
    }
    int own = Math.ceilDiv(batch, places.size());
    boolean reads = !judged() || plan.steps().reward() == Reward.BOTH;
    int others = reads ? batch - 1 : 0;
    return writers.members().get(place).activityAfter(own * longest, (own + others) * path);
  }

  @Override
  public Map<String, Double> measures() {
    var measures = new TreeMap<String, Double>();
    long passes = writers.members().stream().mapToLong(SpanMember::passes).sum();
    passes += judge.map(its -> its.member().passes()).orElse(0L);
    measures.put("forward_passes", (double) passes);
    if (policy != null) {
      measures.putAll(policy.measures());
    }
    return Collections.unmodifiableMap(measures);
  }

  @Override
  public void close() {
    writers.members().forEach(SpanMember::close);
    judge.ifPresent(its -> its.member().close());
  }
}
