package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
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

/**
 * Majority vote over canonical answers: the answer with the most weight behind it wins.
 *
 * <p>{@code argmax_a sum_i w_i I[y_i = a]}, where {@code y_i} is member i's answer in one spelling
 * ({@link AnswerForm}); of one that wants tools to be called, their names and arguments. Weights
 * are uniform (Hansen & Salamon 1990), the members' priors, or the log-odds {@code w_i = log(acc_i
 * (C - 1) / (1 - acc_i))} of their accuracies over C options, which are optimal where the members
 * err independently and uniformly over the wrong options (Nitzan & Paroush 1982).
 *
 * <p>An answer that cannot be read never wins but counts in the denominator of the agreement. Ties
 * go to the answer that the member with the higher prior supports, else to the one that comes
 * first. The text given is that of the winner's supporter with the highest prior, else the first;
 * where no answer can be read, that of the member with the highest prior.
 *
 * <p>Departures: a member at or below chance ({@code acc_i <= 1/C}) has weight 0, where the formula
 * would count its vote against the answer; where that holds for all, they count alike. Cost per
 * request: one call a member; the vote itself is linear in the length of the answers.
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
    LOG_ODDS
  }

  /**
   * Settings.
   *
   * @param canonical form in which answers are compared
   * @param weights where the weights come from
   * @param options C of the log-odds
   */
  public record Settings(
      @Setting(
              help =
                  "Form in which answers are compared: the final number, the letter of an option,"
                      + " a date, a number with its unit, a value of Python or JSON (literal; json:"
                      + " objects and lists alone), calls of tools, a query or code by its tokens,"
                      + " words without case, articles and punctuation; auto takes the first form"
                      + " that more than half of the answers plainly have.")
          AnswerForm canonical,
      @Setting(
              help =
                  "uniform: every member counts alike; prior: by member.weight; log_odds: by"
                      + " log(acc (C - 1) / (1 - acc)), where member.weight is the accuracy acc.")
          Weights weights,
      @Setting(
              help = "Number C of options that an answer is chosen from; only log_odds reads it.",
              min = 2,
              max = 1000)
          int options)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, Weights.UNIFORM, 4);

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
  public Weighing weigh(Query query, Candidates candidates) {
    List<Answer> members = candidates.answers();
    List<String> texts = members.stream().map(Answer::text).toList();
    AnswerForm form = settings.canonical().resolve(texts);
    List<Optional<String>> answers = members.stream().map(a -> compared(form, a)).toList();
    List<Double> weights = weights(members);
    int chosen = candidates.bestPrior();
    // Below every vote, so that any answer beats one that cannot be read.
    double most = -1;
    for (int i = 0; i < answers.size(); i++) {
      Optional<String> answer = answers.get(i);
      if (answer.isEmpty() || answers.indexOf(answer) < i) {
        continue;
      }
      double votes = votes(answer, answers, weights);
      int voice = voice(answer, answers, members);
      boolean tied = Math.abs(votes - most) <= ROUNDING;
      if (tied ? members.get(voice).prior() > members.get(chosen).prior() : votes > most) {
        chosen = voice;
        most = votes;
      }
    }
    return new Weighing(weights, answers, chosen, explanation(form, answers, chosen, most));
  }

  /**
   * The winner's lead is greater than all that is still to come, and the form in which answers are
   * compared cannot change. A lead that could become a tie is none: ties look at priors.
   */
  @Override
  public boolean isSettled(Candidates candidates, List<Double> pending) {
    List<Answer> members = candidates.answers();
    List<String> texts = members.stream().map(Answer::text).toList();
    Optional<AnswerForm> form = settings.canonical().settled(texts, pending.size());
    if (form.isEmpty()) {
      return false;
    }
    double[] raw = raw(members);
    double open = pending.stream().mapToDouble(prior -> raw("A prior", prior)).sum();
    if (Arrays.stream(raw).max().orElseThrow() == 0) {
      if (open > 0) {
        return false;
      }
      // Where nobody is better than chance all count alike.
      Arrays.fill(raw, 1);
      open = pending.size();
    }
    var votes = new HashMap<String, Double>();
    for (int i = 0; i < raw.length; i++) {
      double weight = raw[i];
      compared(form.get(), members.get(i)).ifPresent(a -> votes.merge(a, weight, Double::sum));
    }
    List<Double> falling = votes.values().stream().sorted(Comparator.reverseOrder()).toList();
    if (falling.isEmpty()) {
      return pending.isEmpty();
    }
    double next = falling.size() > 1 ? falling.get(1) : 0;
    double most = falling.getFirst();
    return pending.isEmpty() || most - next > open + ROUNDING * (most + open);
  }

  /** An answer that wants tools to be called says nothing else. */
  private static Optional<String> compared(AnswerForm form, Answer answer) {
    return answer.tools().isPresent() ? answer.tools() : form.canonical(answer.text());
  }

  private double[] raw(List<Answer> members) {
    return members.stream()
        .mapToDouble(member -> raw("The prior of " + member.member(), member.prior()))
        .toArray();
  }

  private double raw(String name, double prior) {
    return switch (settings.weights()) {
      case UNIFORM -> 1;
      case PRIOR -> prior;
      case LOG_ODDS -> Math.max(0, logOdds(name, prior));
    };
  }

  private List<Double> weights(List<Answer> members) {
    double[] raw = raw(members);
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
    return Math.log(prior * (settings.options() - 1) / (1 - prior));
  }

  private static double votes(
      Optional<String> answer, List<Optional<String>> answers, List<Double> weights) {
    double votes = 0;
    for (int i = 0; i < answers.size(); i++) {
      votes += answers.get(i).equals(answer) ? weights.get(i) : 0;
    }
    return votes;
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

  private static String shown(String answer) {
    return answer.length() <= 80 ? answer : answer.substring(0, 80) + "…";
  }
}
