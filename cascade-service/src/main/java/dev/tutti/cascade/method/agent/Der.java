package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.method.agent.Route.Reply;
import dev.tutti.cascade.method.prompt.PromptCost;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.Setting;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
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
 * probability is {@code y_t}, that of the last step too; they are trained one at a time. A
 * threshold of 0 takes what comes first, so one is asked.
 *
 * <p>A member that failed is not asked again; an answer without text is rejected, and so is no
 * answer to hand on. Where an answer's embedding cannot be told, nothing says how good it is, and
 * it is given; without the question's the agent sees zeros in its place. An embedding of another
 * width than those that were learned from is none. Members that the money left does not pay, with
 * the prompt that they would get, are passed over as long as it pays another. Where the budget
 * ends, or every known member failed, the latest answer is given; where there is none, those that
 * were not asked yet are, in the order of the recipe, members among them that the artifact does not
 * know. A single member is asked as the request was, once.
 *
 * <p>Calls that hand an answer on have the purpose {@code transfer}: a caller that brings answers
 * marks by it what answers that prompt.
 *
 * <p>Cost per request: an embedding of the question (none where one member always answers) and one
 * of each answer that may be rejected, or is one of two; 1 to {@code T_max} steps, one after the
 * other, of one call each (or two).
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
    // Where one member always answers, and whatever it says, nobody looks at the question.
    boolean looks = agent >= 0 || threshold > 0;
    if (episode.stages().isEmpty()
        && looks
        && !episode.query().text().isBlank()
        && !episode.exhausted()) {
      return embed(List.of(episode.query().text()), Route.QUESTION, 1 + agents.sees().steps());
    }
    boolean last = route.steps() >= agents.sees().steps();
    // Nobody says how good an answer is of a member that the artifact does not know.
    boolean takesAll =
        takesAll(route.steps()) || route.steps() > 0 && column(members.get(route.last())) < 0;
    List<Reply> replies = route.latest();
    boolean judges = replies.size() > 1 || !replies.isEmpty() && !takesAll;
    if (judges && !episode.exhausted() && !route.judged()) {
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
    return route.question().flatMap(agents.questions()::along);
  }

  private int column(MemberCard member) {
    return agents.members().indexOf(member.knownAs());
  }

  /** The best reply of the last step. */
  private Latest latest(Route route, Episode episode) {
    Latest best = Latest.NONE;
    for (Reply reply : route.latest()) {
      int column = column(episode.members().get(reply.member()));
      Optional<float[]> answer = reply.embedding().flatMap(agents.answers()::along);
      OptionalDouble probability =
          column < 0 || answer.isEmpty()
              ? OptionalDouble.empty()
              : OptionalDouble.of(
                  agents.probability(question(route), answer.get(), column, reply.signals()));
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
                    latest.reply().flatMap(Reply::embedding).flatMap(agents.answers()::along),
                    route.steps(),
                    route.steps() == 0 ? AgentState.NOBODY : lastColumn(episode, route, latest)));
    double left = episode.usdLeft().orElse(Double.POSITIVE_INFINITY);
    // A threshold of 0 takes what comes first.
    int experts = threshold > 0 ? settings.experts() : 1;
    List<Generate> whom =
        ranked(members, route, scores).stream()
            .map(m -> call(m, episode, route, latest, experts))
            .toList();
    List<Generate> paid = whom.stream().filter(call -> usd(episode, call) <= left).toList();
    boolean others = latest.reply().isEmpty() && unasked(episode, route, left).isPresent();
    if (whom.isEmpty() || paid.isEmpty() && others) {
      return inOrder(episode, route, latest);
    }
    // Where nothing is paid, whoever would be asked is named.
    List<Generate> some = paid.isEmpty() ? whom.subList(0, 1) : paid;
    double usd = some.stream().limit(experts).mapToDouble(call -> usd(episode, call)).sum();
    List<Call> calls =
        some.stream().limit(usd <= left ? experts : 1).map(Call.class::cast).toList();
    return new Ask(
        calls,
        agents.sees().steps() - route.steps(),
        takesAll(route.steps() + 1) && calls.size() == 1,
        latest.probability(),
        latest.threshold(),
        latest.why());
  }

  /** Known members that did not fail, the one that the agent would rather ask first. */
  private List<Integer> ranked(List<MemberCard> members, Route route, double[] scores) {
    return IntStream.range(0, members.size())
        .filter(m -> column(members.get(m)) >= 0 && !route.failed().contains(m))
        .boxed()
        .sorted(Comparator.comparingDouble(m -> -scores[column(members.get(m))]))
        .toList();
  }

  private int lastColumn(Episode episode, Route route, Latest latest) {
    int last = latest.reply().map(Reply::member).orElse(route.last());
    // One that the artifact does not know is nobody to it.
    return Math.max(AgentState.NOBODY, column(episode.members().get(last)));
  }

  private static double usd(Episode episode, Generate call) {
    return PromptCost.usd(episode.members().get(call.member()), episode.query(), call.prompt());
  }

  private Generate call(int member, Episode episode, Route route, Latest latest, int experts) {
    Optional<Reply> before = latest.reply().or(route::reply);
    // Nothing is read from an answer that is accepted whatever it is.
    boolean reads = agents.sees().signals() && (experts > 1 || !takesAll(route.steps() + 1));
    var change = new SamplingChange(OptionalDouble.empty(), OptionalInt.empty(), reads);
    if (before.isEmpty() || settings.transfer().isBlank()) {
      return new Generate(member, Prompt.AS_ASKED, 1, change, "");
    }
    return new References(List.of("answer"), List.of(before.get().text()))
        .call(episode, member, settings.transfer(), change, Route.TRANSFER);
  }

  /** The first member that was not asked yet and costs no more than this. */
  private static OptionalInt unasked(Episode episode, Route route, double usd) {
    return IntStream.range(0, episode.members().size())
        .filter(m -> !route.asked().contains(m))
        .filter(m -> episode.members().get(m).expectedUsd() <= usd)
        .findFirst();
  }

  /** Gives the latest answer; where there is none, asks those that were not asked yet. */
  private Step inOrder(Episode episode, Route route, Latest latest) {
    if (route.reply().isPresent()) {
      return accept(
          route.reply().get().stage(),
          latest,
          "No further member could answer; the latest answer stands.");
    }
    OptionalInt paid = unasked(episode, route, episode.usdLeft().orElse(Double.POSITIVE_INFINITY));
    OptionalInt next = paid.isPresent() ? paid : unasked(episode, route, Double.POSITIVE_INFINITY);
    if (!route.silent() && !episode.exhausted() && next.isPresent()) {
      return new Ask(
          List.of(Generate.asAsked(next.getAsInt())),
          episode.members().size() - route.asked().size(),
          true,
          OptionalDouble.empty(),
          route.asked().isEmpty() ? "" : "It failed.");
    }
    return route.mute() >= 0
        ? accept(route.mute(), latest, "No other member could answer.")
        : new Abstain(OptionalDouble.empty(), "No member answered.");
  }
}
