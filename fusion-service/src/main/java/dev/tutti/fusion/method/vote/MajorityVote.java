package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Majority vote over canonical answers: the answer with the most weight behind it wins.
 *
 * <p>{@code argmax_a sum_i w_i I[y_i = a]}, where {@code y_i} is member i's answer in one spelling
 * ({@link AnswerForm}); of one that wants tools to be called, their names and arguments; of one
 * that its caller ran, what that gave. Weights are uniform (Hansen & Salamon 1990), the members'
 * priors, or the log-odds {@code w_i = log(acc_i (C - 1) / (1 - acc_i))} of their accuracies over C
 * options, which are optimal where the members err independently and uniformly over the wrong
 * options (Nitzan & Paroush 1982), or their confidence {@code w_i = exp(k l_i)}, where {@code l_i}
 * is the mean log-probability of the answer's tokens.
 *
 * <p>Long answers in words share their votes ({@link SoftVotes}): {@code sum_i w_i s(y_i, a)} takes
 * the place of equality where more than half of the answers, compared as text, have {@value
 * SoftVotes#LONG} words or more, and none wants tools to be called.
 *
 * <p>An answer that cannot be read never wins but counts in the denominator of the agreement. Ties
 * go to the answer that the member with the higher prior supports, else to the one that comes
 * first. The text given is that of the winner's supporter with the highest prior, else the first;
 * where no answer can be read, that of the member with the highest prior.
 *
 * <p>Departures: a member at or below chance ({@code acc_i <= 1/C}) has weight 0, where the formula
 * would count its vote against the answer; where that holds for all, they count alike. By
 * confidence a member whose log-probabilities are not known has weight 0, all alike where none are,
 * and every answer is waited for. Cost per request: one call a member; the vote itself is linear in
 * the length of the answers.
 */
public final class MajorityVote implements Selector {

  /** Sums of the same weights in another order may differ by this much, relative to 1. */
  private static final double ROUNDING = 1e-12;

  /** Where the weights come from. */
  public enum Weights {
    /** Every member counts alike. */
    UNIFORM,
    /** As the members' weights say. */
    PRIOR,
    /** Log-odds of the members' weights, read as accuracies. */
    LOG_ODDS,
    /** As sure as the members were of their answers. */
    CONFIDENCE
  }

  /**
   * Settings.
   *
   * @param canonical form in which answers are compared
   * @param weights where the weights come from
   * @param options C of the log-odds
   * @param sharpness k of the confidence
   */
  public record Settings(
      @Setting(help = Selector.CANONICAL) AnswerForm canonical,
      @Setting(
              help =
                  "uniform: every member counts alike; prior: by member.weight; log_odds: by"
                      + " log(acc (C - 1) / (1 - acc)), where member.weight is the accuracy acc;"
                      + " confidence: by exp(k x mean log-probability of the answer's tokens).")
          Weights weights,
      @Setting(
              help =
                  "Number C of options that an answer is chosen from; only log_odds reads it. Those"
                      + " who err together choose from fewer than there are: 2 silences whoever is"
                      + " right less than half of the time.",
              min = 2,
              max = 1000)
          int options,
      @Setting(
              help =
                  "k of the weights exp(k x mean log-probability); only confidence reads it. At 0"
                      + " all count alike whose log-probabilities are known, far above 10 the surest"
                      + " decides.",
              min = 0,
              max = 1000)
          double sharpness)
      implements FitsMembers {

    /** Of any weights but confidence. */
    public Settings(AnswerForm canonical, Weights weights, int options) {
      this(canonical, weights, options, 5);
    }

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, Weights.UNIFORM, 2);

    @Override
    public void requireFit(int members) {}

    @Override
    public void requireWeights(List<Double> priors) {
      if (weights == Weights.LOG_ODDS) {
        for (int i = 0; i < priors.size(); i++) {
          requireAccuracy("members[%d].weight".formatted(i), priors.get(i));
        }
      }
    }

    private static void requireAccuracy(String name, double prior) {
      if (!(prior > 0 && prior < 1)) {
        throw new IllegalArgumentException(
            "%s is %s; with weights log_odds it is an accuracy above 0 and below 1."
                .formatted(name, prior));
      }
    }
  }

  private final Settings settings;

  /** A vote with these settings. */
  public MajorityVote(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return settings.weights() == Weights.CONFIDENCE ? Set.of(Evidence.Kind.LOGPROBS) : Set.of();
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    List<Answer> members = candidates.answers();
    List<String> texts = members.stream().map(Answer::text).toList();
    AnswerForm form = settings.canonical().resolve(texts);
    List<Optional<String>> answers =
        members.stream().map(a -> a.compared(form::canonical)).toList();
    List<Double> weights = weights(raw(members, candidates.evidence().signals()));
    boolean soft = mayShare(form, members, answers, 0);
    double[][] shares = soft ? SoftVotes.shares(answers) : new double[0][];
    List<Double> support = soft ? SoftVotes.of(shares, weights) : Weighing.equal(weights, answers);
    int chosen = candidates.bestPrior();
    // Below every vote, so that any answer beats one that cannot be read.
    double most = -1;
    for (int i = 0; i < answers.size(); i++) {
      Optional<String> answer = answers.get(i);
      if (answer.isEmpty() || answers.indexOf(answer) < i) {
        continue;
      }
      double votes = support.get(i);
      int voice = voice(answer, answers, members);
      boolean tied = Math.abs(votes - most) <= ROUNDING;
      if (tied ? members.get(voice).prior() > members.get(chosen).prior() : votes > most) {
        chosen = voice;
        most = votes;
      }
    }
    String explanation =
        soft
            ? SoftVotes.explanation(answers.get(chosen).orElse(""), most)
            : explanation(form, answers, chosen, most);
    return new Weighing(weights, answers, support, OptionalInt.of(chosen), explanation)
        .comparing(shares);
  }

  /**
   * The winner's lead is greater than all that is still to come, and the form in which answers are
   * compared cannot change. A lead that could become a tie is none: ties look at priors.
   */
  @Override
  public boolean isSettled(Candidates candidates, List<Double> pending) {
    if (settings.weights() == Weights.CONFIDENCE) {
      return pending.isEmpty();
    }
    List<Answer> members = candidates.answers();
    List<String> texts = members.stream().map(Answer::text).toList();
    Optional<AnswerForm> form = settings.canonical().settled(texts, pending.size());
    if (form.isEmpty()) {
      return false;
    }
    double[] raw = raw(members, List.of());
    double open = pending.stream().mapToDouble(prior -> raw("A prior", prior)).sum();
    if (Arrays.stream(raw).max().orElseThrow() == 0) {
      if (open > 0) {
        return false;
      }
      // Where nobody is better than chance all count alike.
      Arrays.fill(raw, 1);
      open = pending.size();
    }
    List<Optional<String>> answers =
        members.stream().map(a -> a.compared(form.get()::canonical)).toList();
    var votes = new HashMap<String, Double>();
    for (int i = 0; i < raw.length; i++) {
      double weight = raw[i];
      answers.get(i).ifPresent(a -> votes.merge(a, weight, Double::sum));
    }
    List<Double> falling = votes.values().stream().sorted(Comparator.reverseOrder()).toList();
    if (falling.isEmpty()) {
      return pending.isEmpty();
    }
    double most = falling.getFirst();
    double next =
        mayShare(form.get(), members, answers, pending.size())
            ? falling.stream().mapToDouble(v -> v).sum() - most
            : falling.size() > 1 ? falling.get(1) : 0;
    return pending.isEmpty() || most - next > open + ROUNDING * (most + open);
  }

  /** Whether answers share their votes, or will where those still to come are long. */
  private static boolean mayShare(
      AnswerForm form, List<Answer> members, List<Optional<String>> answers, int pending) {
    return form == AnswerForm.TEXT
        && members.stream().allMatch(Answer::isText)
        && SoftVotes.apply(answers, pending);
  }

  private double[] raw(List<Answer> members, List<AnswerSignals> signals) {
    if (settings.weights() == Weights.CONFIDENCE) {
      return confidences(members.size(), signals);
    }
    return members.stream()
        .mapToDouble(member -> raw("The prior of " + member.member(), member.prior()))
        .toArray();
  }

  /** Scaled by the greatest one: all of them may be too small for a double. */
  private double[] confidences(int answers, List<AnswerSignals> signals) {
    var means = new double[answers];
    Arrays.fill(means, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < signals.size(); i++) {
      means[i] = signals.get(i).meanLogprob().orElse(Double.NEGATIVE_INFINITY);
    }
    double greatest = Arrays.stream(means).max().orElseThrow();
    return Arrays.stream(means)
        .map(m -> Double.isInfinite(m) ? 0 : Math.exp(settings.sharpness() * (m - greatest)))
        .toArray();
  }

  private double raw(String name, double prior) {
    return switch (settings.weights()) {
      case UNIFORM, CONFIDENCE -> 1;
      case PRIOR -> prior;
      case LOG_ODDS -> Math.max(0, logOdds(name, prior));
    };
  }

  private static List<Double> weights(double[] raw) {
    // Scaled by the greatest one first: the sum of finite priors may be infinite.
    double greatest = Arrays.stream(raw).max().orElseThrow();
    if (greatest == 0) {
      Arrays.fill(raw, 1);
      greatest = 1;
    }
    double scale = greatest;
    double sum = Arrays.stream(raw).map(w -> w / scale).sum();
    return Arrays.stream(raw).mapToObj(w -> w / scale / sum).toList();
  }

  private double logOdds(String name, double prior) {
    Settings.requireAccuracy(name, prior);
    return logOdds(prior, settings.options());
  }

  /** Of an accuracy over so many options. */
  static double logOdds(double accuracy, int options) {
    return Math.log(accuracy * (options - 1) / (1 - accuracy));
  }

  /** Who speaks for an answer: its supporter with the highest prior, the first one of equals. */
  private static int voice(
      Optional<String> answer, List<Optional<String>> answers, List<Answer> members) {
    int voice = answers.indexOf(answer);
    for (int i = voice + 1; i < answers.size(); i++) {
      if (answers.get(i).equals(answer) && members.get(i).prior() > members.get(voice).prior()) {
        voice = i;
      }
    }
    return voice;
  }

  private static String explanation(
      AnswerForm form, List<Optional<String>> answers, int chosen, double most) {
    Optional<String> winner = answers.get(chosen);
    String name = form.name().toLowerCase(Locale.ROOT);
    if (winner.isEmpty()) {
      return "No answer could be read as a %s; the member with the highest prior speaks."
          .formatted(name);
    }
    long supporters = answers.stream().filter(winner::equals).count();
    return "%d of %d answers, compared as %s, say '%s' with %.2f of the weight."
        .formatted(supporters, answers.size(), name, shown(winner.get()), most);
  }

  static String shown(String answer) {
    return answer.length() <= 80 ? answer : answer.substring(0, 80) + "…";
  }
}
