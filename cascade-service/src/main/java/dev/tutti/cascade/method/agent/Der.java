package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.method.agent.Route.Reply;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * DER, dynamic ensemble reasoning (Hu et al. 2024, arXiv:2412.07448): a trained agent says step by
 * step whom to ask next, and hands the answer so far on; a trained terminator says when an answer
 * is good enough.
 *
 * <p>State {@code s_t = [x, y_(t-1)]}, nothing in place of {@code y} at first; action {@code a_t =
 * argmax_a pi(a | s_t)} over the members; {@code y_t = M_a(KTP(x, y_(t-1)))} with the knowledge
 * transfer prompt KTP, the plain question at first; it ends where the terminator gives {@code (x,
 * y_t)} a probability of at least the threshold, or with the answer of step {@code T_max}, whatever
 * that is. A member may be asked again. {@link DerFit} trains both.
 *
 * <p>Departures: the paper's agent is a language model of 125 million parameters that reads both
 * texts; ours is a network of one hidden layer over the main axes of their sentence embeddings, the
 * step and who was asked last. The terminator is given whose answer it is too. Of a tie the member
 * that comes first in the recipe is asked. The instruction of the prompt is ours; what a fit on
 * recorded answers measured is without the prompt. With two experts a step the two members of the
 * highest probability are asked at once, and the answer that the terminator gives the higher
 * probability is {@code y_t}; they are trained one at a time.
 *
 * <p>A member that failed is not asked again; an answer without text is rejected, and so is no
 * answer to hand on. Where an answer's embedding cannot be told, nothing says how good it is, and
 * it is given; without the question's the agent sees zeros in its place. Members that the money
 * left does not pay are passed over as long as it pays another. Where the budget ends, or every
 * known member failed, the latest answer is given; where there is none, those that were not asked
 * yet are, in the order of the recipe, members among them that the artifact does not know. A single
 * member is asked as the request was, once.
 *
 * <p>Calls that hand an answer on have the purpose {@code transfer}: a caller that brings answers
 * marks by it what answers that prompt.
 *
 * <p>Cost per request: an embedding of the question and one of each answer that may be rejected; 1
 * to {@code T_max} steps, one after the other, of one call each (or two).
 */
public final class Der implements Policy {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param budget mean cost that a question may have
   * @param transfer instruction of the knowledge transfer prompt
   * @param experts members that are asked a step
   */
  public record Settings(
      @Setting(help = "Name of the artifact that the agents and the terminator come from.")
          String artifact,
      @Setting(
              help =
                  "Mean cost that a question may have, in the dataset's unit: the best point of the"
                      + " artifact's curve within it answers. 0 takes the point that its fit chose.",
              min = 0)
          double budget,
      @Setting(
              help =
                  "Instruction with which the answer so far is handed to the next member, in the"
                      + " system message, the answer behind it. Empty: each member gets the request"
                      + " as it was asked.")
          String transfer,
      @Setting(help = "Members that are asked in each step, at once.", min = 1, max = 2)
          int experts) {

    /** Ours; the paper's wording is another. */
    private static final String TRANSFER =
        "A student has answered the user's last message; the answer stands below. It may be wrong,"
            + " in part or altogether. Give an answer of your own that is more satisfactory: keep"
            + " what is right, correct what is not, add what is missing, in the form that the user"
            + " asked for. Do not mention the student or that answer.";

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", 0, TRANSFER, 1);
  }

  /** What is known of the latest answer. */
  private record Latest(
      Optional<Reply> reply, OptionalDouble probability, OptionalDouble threshold, String why) {

    private static final Latest NONE =
        new Latest(Optional.empty(), OptionalDouble.empty(), OptionalDouble.empty(), "");
  }

  private final Settings settings;
  private final DerAgents agents;
  private final int agent;
  private final double threshold;

  /** A policy of what {@link DerFit} learned. */
  public static Der of(Settings settings, LearnedCascade learned) {
    return new Der(settings, (DerAgents) learned);
  }

  /** A policy of what was learned. */
  Der(Settings settings, DerAgents agents) {
    this(settings, agents, agents.points().within(settings.budget()).values());
  }

  /**
   * A policy with these numbers of its own.
   *
   * @param point which agent, and the threshold
   */
  Der(Settings settings, DerAgents agents, float... point) {
    this.settings = settings;
    this.agents = agents;
    this.agent = (int) point[0];
    this.threshold = point[1];
  }

  @Override
  public Step next(Episode episode) {
    Route route = Route.of(episode);
    List<MemberCard> members = episode.members();
    if (members.size() == 1 || members.stream().noneMatch(card -> column(card) >= 0)) {
      return inOrder(episode, route, Latest.NONE);
    }
    if (episode.stages().isEmpty() && !episode.query().text().isBlank() && !episode.exhausted()) {
      return embed(List.of(episode.query().text()), Route.QUESTION, 1 + agents.sees().steps());
    }
    boolean last = route.steps() >= agents.sees().steps();
    // Nobody says how good an answer is of a member that the artifact does not know.
    boolean takesAll =
        takesAll(route.steps()) || route.steps() > 0 && column(members.get(route.last())) < 0;
    List<Reply> replies = route.latest();
    if (!replies.isEmpty() && !takesAll && !episode.exhausted() && !route.judged()) {
      return embed(
          replies.stream().map(Reply::text).toList(),
          Route.ANSWER,
          1 + agents.sees().steps() - route.steps());
    }
    Latest latest = latest(route, episode);
    if (latest.reply().isPresent() && (takesAll || episode.exhausted())) {
      return accept(latest.reply().get().stage(), latest, "No step follows; it is given.");
    }
    if (takesAll && route.silent()) {
      return accept(route.mute(), latest, "No step follows; it is given.");
    }
    if (latest.reply().isPresent() && isEnough(latest)) {
      return accept(latest.reply().get().stage(), latest, latest.why());
    }
    return last || episode.exhausted()
        ? inOrder(episode, route, latest)
        : ask(episode, route, latest);
  }

  private boolean takesAll(int step) {
    return threshold <= 0 || step >= agents.sees().steps();
  }

  private boolean isEnough(Latest latest) {
    return latest.probability().isEmpty() || latest.probability().getAsDouble() >= threshold;
  }

  private static Accept accept(int stage, Latest latest, String why) {
    return new Accept(stage, latest.probability(), latest.threshold(), why);
  }

  private static Ask embed(List<String> texts, String purpose, int turns) {
    return new Ask(
        List.of(new Call.Embed(Call.PLATFORM, texts, purpose)),
        turns,
        false,
        OptionalDouble.empty(),
        "");
  }

  private Optional<float[]> question(Route route) {
    return route.question().map(agents.questions()::along);
  }

  private int column(MemberCard member) {
    return agents.members().indexOf(member.knownAs());
  }

  /** The best reply of the last step. */
  private Latest latest(Route route, Episode episode) {
    Latest best = Latest.NONE;
    for (Reply reply : route.latest()) {
      int column = column(episode.members().get(reply.member()));
      OptionalDouble probability =
          column < 0 || reply.embedding().isEmpty()
              ? OptionalDouble.empty()
              : OptionalDouble.of(
                  agents.probability(
                      question(route),
                      agents.answers().along(reply.embedding().get()),
                      column,
                      reply.signals()));
      if (best.reply().isEmpty() || probability.orElse(-1) > best.probability().orElse(-1)) {
        best = told(reply, probability);
      }
    }
    if (best.reply().isPresent() || route.steps() == 0) {
      return best;
    }
    String why = route.silent() ? "It has no text." : "It failed.";
    return new Latest(best.reply(), best.probability(), best.threshold(), why);
  }

  private Latest told(Reply reply, OptionalDouble probability) {
    if (probability.isEmpty()) {
      return new Latest(
          Optional.of(reply), probability, probability, "Nothing tells how good it is.");
    }
    double p = probability.getAsDouble();
    return new Latest(
        Optional.of(reply),
        probability,
        OptionalDouble.of(threshold),
        "probability %.3f of a good answer %s threshold %.3f."
            .formatted(p, p >= threshold ? ">=" : "<", threshold));
  }

  /** Asks whom the agent would ask. */
  private Step ask(Episode episode, Route route, Latest latest) {
    List<MemberCard> members = episode.members();
    double[] scores =
        agents.scores(
            agent,
            agents
                .sees()
                .of(
                    question(route),
                    latest.reply().flatMap(Reply::embedding).map(agents.answers()::along),
                    route.steps(),
                    route.steps() == 0 ? AgentState.NOBODY : lastColumn(episode, route, latest)));
    double left = episode.usdLeft().orElse(Double.POSITIVE_INFINITY);
    List<Integer> whom = ranked(members, route, scores, m -> members.get(m).expectedUsd() <= left);
    if (whom.isEmpty() && !paysStranger(episode, route)) {
      // Where nothing is paid, whoever would be asked is named.
      whom = ranked(members, route, scores, _ -> true);
    }
    if (whom.isEmpty()) {
      return inOrder(episode, route, latest);
    }
    double usd = whom.stream().limit(2).mapToDouble(m -> members.get(m).expectedUsd()).sum();
    int experts = usd <= left ? settings.experts() : 1;
    var calls = new ArrayList<Call>();
    whom.stream().limit(experts).forEach(m -> calls.add(call(m, episode, route, latest)));
    return new Ask(
        calls,
        agents.sees().steps() - route.steps(),
        takesAll(route.steps() + 1) && calls.size() == 1,
        latest.probability(),
        latest.threshold(),
        latest.why());
  }

  /** Whether one of those is paid who are asked where there is no answer of the others. */
  private boolean paysStranger(Episode episode, Route route) {
    return route.reply().isEmpty()
        && IntStream.range(0, episode.members().size())
            .filter(m -> column(episode.members().get(m)) < 0 && !route.asked().contains(m))
            .anyMatch(episode::pays);
  }

  /** Known members that did not fail, the one that the agent would rather ask first. */
  private List<Integer> ranked(
      List<MemberCard> members, Route route, double[] scores, IntPredicate allowed) {
    return IntStream.range(0, members.size())
        .filter(m -> column(members.get(m)) >= 0 && !route.failed().contains(m) && allowed.test(m))
        .boxed()
        .sorted(Comparator.comparingDouble(m -> -scores[column(members.get(m))]))
        .toList();
  }

  private int lastColumn(Episode episode, Route route, Latest latest) {
    int last = latest.reply().map(Reply::member).orElse(route.last());
    // One that the artifact does not know is nobody to it.
    return Math.max(AgentState.NOBODY, column(episode.members().get(last)));
  }

  private Generate call(int member, Episode episode, Route route, Latest latest) {
    Optional<Reply> before = latest.reply().or(route::reply);
    // Nothing is read from an answer that is accepted whatever it is.
    boolean reads = agents.sees().signals() && !takesAll(route.steps() + 1);
    var change = new SamplingChange(OptionalDouble.empty(), OptionalInt.empty(), reads);
    if (before.isEmpty() || settings.transfer().isBlank()) {
      return new Generate(member, Prompt.AS_ASKED, 1, change, "");
    }
    return new References(List.of("answer"), List.of(before.get().text()))
        .call(episode, member, settings.transfer(), change, Route.TRANSFER);
  }

  /** Gives the latest answer; where there is none, asks those that were not asked yet. */
  private Step inOrder(Episode episode, Route route, Latest latest) {
    if (route.reply().isPresent()) {
      return accept(
          route.reply().get().stage(),
          latest,
          "No further member could answer; the latest answer stands.");
    }
    var unasked = new ArrayList<Integer>();
    for (int m = 0; m < episode.members().size(); m++) {
      if (!route.asked().contains(m)) {
        unasked.add(m);
      }
    }
    if (!route.silent() && !episode.exhausted() && !unasked.isEmpty()) {
      return new Ask(
          List.of(
              Generate.asAsked(
                  unasked.stream().filter(episode::pays).findFirst().orElse(unasked.getFirst()))),
          unasked.size(),
          true,
          OptionalDouble.empty(),
          route.asked().isEmpty() ? "" : "It failed.");
    }
    return route.mute() >= 0
        ? accept(route.mute(), latest, "No other member could answer.")
        : new Abstain(OptionalDouble.empty(), "No member answered.");
  }
}
