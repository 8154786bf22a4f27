package dev.tutti.fusion.method.heads;

import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * SelectLLM: only those members are asked that are expected to answer this question right, and they
 * vote (Maurya et al. 2024, arXiv:2408.08545).
 *
 * <p>A head a member tells by the question's embedding how likely it is right, {@code conf_m =
 * sigmoid(w_m x + b_m)}. Of the policies, {@code max_conf} and {@code weighted_max_conf} ask the r
 * likeliest, {@code labelled_max_conf} all of {@code conf >= 1/2}, the likeliest one where nobody
 * is. The answer is {@code argmax_a sum_(m asked: y_m = a) w_m}, with {@code w = conf_m} for {@code
 * weighted_max_conf} (the default, the best in the paper) and 1 otherwise; r is what was best on
 * recorded questions. {@link SelectLlmFit} has the fit's defaults. The paper names the policies;
 * its exact rules are not published, and these are our reading.
 *
 * <p>Everything else of the vote is as in {@link MajorityVote}. Members' weights in the ensemble
 * multiply {@code conf_m}, and choose nobody. Ties go to the answer that the likelier member
 * supports (the paper: the faster one). Where the question says nothing, or cannot be embedded, the
 * mean scores of the members stand in for {@code conf}; one that was not learned about has 0 and
 * comes last. Of those that are chosen, as many are asked as the budget pays. Where all of them
 * fail, the others are asked as far as it goes. Answers that a caller brings along are all weighed,
 * whoever gave them.
 *
 * <p>What a fit measures on held-out questions is {@code weighted_max_conf} with the r that was
 * learned; a decision by another policy or r says so.
 *
 * <p>Departures: linear heads on a frozen embedding in place of RoBERTa, unbalanced, since a
 * confidence is no probability then; members that are seldom right are left in, and seldom asked.
 * Cost per request: one embedding, and one call for each of those that are asked.
 */
public final class SelectLlm implements Deliberation {

  /** So many are told by name of those that are asked, and of those that are not. */
  private static final int MOST_TOLD = 8;

  /** Who is asked, and how votes count. */
  public enum Policy {
    /** The likeliest, as likely as they are right. */
    WEIGHTED_MAX_CONF,
    /** The likeliest, alike. */
    MAX_CONF,
    /** All that are likelier right than wrong, alike. */
    LABELLED_MAX_CONF
  }

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   * @param policy who is asked, and how votes count
   * @param size r
   */
  public record Settings(
      @Setting(help = "Name of the artifact that tells who is likely right.") String artifact,
      @Setting(help = "Form in which answers are compared, as for majority-vote.")
          AnswerForm canonical,
      @Setting(
              help =
                  "weighted_max_conf: the likeliest members are asked, and count as likely as they"
                      + " are right; max_conf: the same members count alike; labelled_max_conf: all"
                      + " are asked that are likelier right than wrong, and count alike.")
          Policy policy,
      @Setting(
              help =
                  "How many members are asked, by the policies that ask the likeliest; 0 for as many"
                      + " as were best on recorded questions.",
              min = 0,
              max = Call.MOST)
          int size)
      implements Fitted.Settings, FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings("", AnswerForm.AUTO, Policy.WEIGHTED_MAX_CONF, 0);

    @Override
    public void requireFit(int members) {
      if (size > members) {
        throw new IllegalArgumentException(
            "size is %d of %d members; 0 to %d are allowed.".formatted(size, members, members));
      }
    }
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<MemberHeads, SelectLlmFit.Settings, Settings> METHOD =
      new FittedSelector<>(
          "select-llm",
          "Only members that are likely to answer the question right are asked, and vote",
          "Maurya et al. 2024, SelectLLM, arXiv:2408.08545",
          Members.atLeast(2),
          Set.of(Evidence.Kind.QUERY),
          SelectLlmFit.Settings.DEFAULTS,
          SelectLlmFit::fit,
          MemberHeads::new,
          SelectLlm.class,
          Settings.DEFAULTS,
          SelectLlm::new,
          (learned, its) ->
              new ConfidenceVote(
                      new Settings("", its.canonical(), Settings.DEFAULTS.policy(), 0), learned)
                  .measured());

  private final MemberHeads learned;
  private final Fitted fitted;
  private final ConfidenceVote vote;
  private final boolean measured;

  /**
   * One with these heads.
   *
   * @param version of the artifact; 0 where nobody keeps it
   */
  public SelectLlm(Settings settings, MemberHeads learned, int version) {
    this.learned = learned;
    this.fitted = new Fitted(settings.artifact(), version, learned.members());
    this.vote = new ConfidenceVote(settings, learned);
    this.measured =
        settings.policy() == Settings.DEFAULTS.policy()
            && (settings.size() == 0 || settings.size() == learned.weighted());
  }

  @Override
  public Step next(Episode episode) {
    if (episode.stages().isEmpty() && !episode.query().text().isBlank()) {
      return new Ask(
          List.of(new Call.Embed(Call.PLATFORM, List.of(episode.query().text()), "choose")), 2);
    }
    double[] confidences = confidences(episode);
    List<Integer> answered = answered(episode);
    if (answered.isEmpty()) {
      return new Ask(
          wanted(episode, confidences).stream().<Call>map(Generate::asAsked).toList(), 1);
    }
    Weighing weighing = vote.weighed(episode.query(), voters(episode, answered, confidences));
    return new Give(
        new Weighed(
            answered,
            weighing.explained(
                weighing.explanation() + " " + choice(episode, confidences) + policy())));
  }

  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    List<Integer> answered = answered(episode);
    if (answered.isEmpty()) {
      return false;
    }
    double[] confidences = confidences(episode);
    return vote.settled(
        voters(episode, answered, confidences),
        pending.stream().map(m -> prior(episode, m, confidences)).toList());
  }

  @Override
  public boolean asksOn(Episode episode) {
    return !wanted(episode, confidences(episode)).isEmpty();
  }

  /** Who is to be asked where nobody has answered yet, in the order of the recipe. */
  private List<Integer> wanted(Episode episode, double[] confidences) {
    List<Integer> asked = asked(episode);
    return asked.isEmpty()
        ? paid(episode, vote.chosen(confidences))
        : paid(episode, others(confidences, asked));
  }

  /** Those that were not asked, the likeliest first. */
  private static List<Integer> others(double[] confidences, List<Integer> asked) {
    return ConfidenceVote.falling(confidences).stream().filter(m -> !asked.contains(m)).toList();
  }

  /** The likeliest of them, as many as the budget pays; one at least, where there is one. */
  private static List<Integer> paid(Episode episode, List<Integer> falling) {
    List<Integer> paid = falling;
    while (paid.size() > 1
        && paid.stream().sorted().mapToDouble(m -> episode.members().get(m).expectedUsd()).sum()
            > episode.usdLeft().orElse(Double.POSITIVE_INFINITY)) {
      paid = paid.subList(0, paid.size() - 1);
    }
    return paid.stream().sorted().toList();
  }

  private static List<Integer> asked(Episode episode) {
    return episode.stages().stream()
        .map(stage -> stage.asked().member())
        .filter(member -> member != Call.PLATFORM)
        .distinct()
        .toList();
  }

  /** Of each member of the episode. */
  private double[] confidences(Episode episode) {
    Optional<float[]> query =
        episode.stages().stream()
            .filter(Embedded.class::isInstance)
            .map(stage -> ((Embedded) stage).vectors().getFirst())
            .findFirst();
    return learned.confidences(episode.members().stream().map(MemberCard::knownAs).toList(), query);
  }

  private static List<Integer> answered(Episode episode) {
    return IntStream.range(0, episode.stages().size())
        .filter(i -> episode.stages().get(i) instanceof Answered)
        .boxed()
        .toList();
  }

  private static List<Answer> voters(
      Episode episode, List<Integer> answered, double[] confidences) {
    var voters = new ArrayList<Answer>();
    for (int stage : answered) {
      var its = (Answered) episode.stages().get(stage);
      MemberCard card = episode.members().get(its.asked().member());
      voters.add(
          new Answer(
              card.name(),
              // Which of its answers it is plays no part; no two may be the same.
              stage,
              prior(episode, its.asked().member(), confidences),
              its.text(),
              its.tools(),
              its.ran(),
              card.knownAs()));
    }
    return voters;
  }

  private static double prior(Episode episode, int member, double[] confidences) {
    return ConfidenceVote.prior(episode.members().get(member).prior(), confidences[member]);
  }

  /** Who was asked and who was left out, and why. */
  private String choice(Episode episode, double[] confidences) {
    List<Integer> asked = asked(episode);
    return "Asked, by how likely each is right: %s; not asked: %s."
        .formatted(
            told(episode, asked, confidences),
            told(episode, others(confidences, asked), confidences));
  }

  /** What was measured, where that is not this policy. */
  private String policy() {
    return measured
        ? ""
        : " What was measured on held-out questions is weighted_max_conf of %d."
            .formatted(learned.weighted());
  }

  private static String told(Episode episode, List<Integer> members, double[] confidences) {
    if (members.isEmpty()) {
      return "nobody";
    }
    String told =
        members.stream()
            .sorted(Comparator.comparingDouble(m -> -confidences[m]))
            .limit(MOST_TOLD)
            .map(m -> "'%s' %.2f".formatted(episode.members().get(m).name(), confidences[m]))
            .collect(Collectors.joining(", "));
    return members.size() <= MOST_TOLD
        ? told
        : told + " and %d more".formatted(members.size() - MOST_TOLD);
  }

  @Override
  public Optional<Fitted> fitted() {
    return Optional.of(fitted);
  }
}
