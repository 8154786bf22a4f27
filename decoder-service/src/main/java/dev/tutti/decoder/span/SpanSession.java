package dev.tutti.decoder.span;

import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An answer that goes on span by span: in each round every member proposes one, all judge all, and
 * the winner is told in its writer's tokens, with its writer's probabilities. Equal candidates are
 * judged once, and where all are equal nobody judges. A step is a round.
 */
public final class SpanSession implements JointSession {

  private final SpanPlan plan;
  // By index of the recipe: the place in the panel.
  private final int[] places;
  private final double[] weights;
  private final Panel panel;
  private SpanChoice.State choice;
  private final ToldVocabulary vocabulary = new ToldVocabulary();
  // What was told and waits for its last token to be appended.
  private Span winner;
  private Span[] proposed;
  private Span.Told told;
  private int steps;
  private int fusedSteps;
  private int judgedSteps;
  private double agreement;

  SpanSession(SpanPlan plan, List<? extends MemberPrompt> prompts, StepRunner runner) {
    this.plan = plan;
    int[] byName = plan.byName();
    this.places = new int[byName.length];
    this.weights = new double[byName.length];
    var members = new ArrayList<SpanMember>();
    for (int place = 0; place < byName.length; place++) {
      int m = byName[place];
      places[m] = place;
      weights[place] = plan.weights().get(m);
      members.add(
          new SpanMember(plan.members().get(m), plan.joins().get(m), prompts.get(m).open()));
    }
    this.panel = new Panel(members, places, runner);
    this.choice = plan.choice().begin(weights.clone());
  }

  @Override
  public List<Drawn> draw(Picker picker, int most) {
    SpanChoice.State now = choice;
    Span[] spans = panel.propose(now::takesPart, plan.segmenter(), picker, plan.topP(), most);
    boolean worthy = Arrays.stream(spans).anyMatch(this::counts);
    var candidates = new ArrayList<Span>();
    var wrote = new int[spans.length];
    for (int m = 0; m < spans.length; m++) {
      boolean stands = worthy ? counts(spans[m]) : spans[m] != null;
      wrote[m] = stands ? candidate(candidates, spans[m]) : -1;
    }
    double[][] scores = new double[spans.length][];
    if (candidates.size() > 1) {
      judgedSteps++;
      scores = panel.judge(now::takesPart, candidates, spans, plan.perByte());
    }
    var ballot = new Ballot(candidates.size(), wrote, scores);
    SpanChoice.Choice decided = now.choose(ballot);
    choice = decided.after();
    proposed = spans;
    count(wrote, decided.candidate());
    winner = candidates.get(decided.candidate());
    told =
        winner.told(
            () ->
                ballot.opinions(
                    decided.candidate(),
                    now.weights(weights.clone()),
                    plan.byName(),
                    m -> Panel.mean(spans[m], plan.perByte())));
    vocabulary.tell(told.vocabulary());
    return told.drawn();
  }

  private boolean counts(Span span) {
    return span != null && (span.ended() || !plan.segmenter().ignores(span.text()));
  }

  /** What {@link #draw} told last. */
  Span winner() {
    return winner;
  }

  /** How likely its only member finds whole answers; its own is not gone on with after that. */
  List<Optional<Likelihood>> likelihoods(List<SpanMember.Piece> answers) {
    panel.member(0).restart();
    return panel.member(0).scorePieces(new byte[0], answers);
  }

  /** Index of a span among the candidates; added where it is new. */
  private static int candidate(List<Span> candidates, Span span) {
    for (int c = 0; c < candidates.size(); c++) {
      if (candidates.get(c).says(span)) {
        return c;
      }
    }
    candidates.add(span);
    return candidates.size() - 1;
  }

  private void count(int[] wrote, int winning) {
    double total = 0;
    double agreed = 0;
    for (int m = 0; m < wrote.length; m++) {
      total += wrote[m] >= 0 ? weights[m] : 0;
      agreed += wrote[m] == winning ? weights[m] : 0;
    }
    steps++;
    fusedSteps += Arrays.stream(wrote).filter(c -> c >= 0).count() > 1 ? 1 : 0;
    agreement += total > 0 ? agreed / total : 0;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** {@inheritDoc} Only the last token of what {@link #draw} told may be. */
  @Override
  public void append(int... tokens) {
    if (told == null
        || tokens.length != 1
        || tokens[0] != told.drawn().getLast().token()
        || winner.ended()) {
      throw new IllegalArgumentException(
          "An answer by spans goes on with the last token that it told, unless that is the end.");
    }
    panel.accept(choice::takesPart, winner, proposed);
    told = null;
  }

  @Override
  public int remaining() {
    return panel.remaining(choice::takesPart);
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
    return plan.weights().get(member);
  }

  @Override
  public MemberActivity activity(int member) {
    return panel.activity(places[member]);
  }

  /** {@inheritDoc} At most: all write, and judge what all others wrote, at the greatest length. */
  @Override
  public MemberActivity activityAfterStep(int member) {
    int longest = plan.segmenter().longest() + Segmenter.REST;
    return choice.takesPart(places[member])
        ? panel.activityAfter(places[member], longest, (places.length - 1) * longest)
        : activity(member);
  }

  @Override
  public Map<String, Double> measures() {
    var measures = new TreeMap<>(choice.measures());
    measures.put("forward_passes", (double) panel.passes());
    measures.put("judged_steps", (double) judgedSteps);
    return measures;
  }

  @Override
  public void close() {
    panel.close();
  }
}
