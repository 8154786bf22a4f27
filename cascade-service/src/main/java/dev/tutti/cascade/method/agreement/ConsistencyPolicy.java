package dev.tutti.cascade.method.agreement;

import dev.tutti.cascade.Policy;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Answer consistency, the vote family of the Mixture-of-Thought cascade with one prompt (Yue et
 * al., ICLR 2024, arXiv:2310.03094): a member is sampled k times, and where enough of its answers
 * agree the one they agree on is taken; else the next member is asked. The last one answers once,
 * as it was asked, and is taken.
 *
 * <p>{@code s = max_a |{i: y_i = a}| / k}, where {@code y_i} is the i-th sample's answer in one
 * spelling ({@link AnswerForm}; of an answer that wants tools to be called, their names and
 * arguments); taken where {@code s >= tau}. A sample that cannot be read, or that failed, counts in
 * k and never wins; of answers that are equally frequent the one that comes first wins, and the
 * first sample that gave it speaks for it.
 *
 * <p>Where the budget does not pay k samples, as many are drawn as it pays, and k is their number;
 * of a member that it pays fewer than two of, none are, and the next one is asked. Samples that can
 * no longer change whether an answer is taken, and which, are not waited for.
 *
 * <p>Where the last member fails, or the budget forbids to ask the next one, the answer with the
 * highest share so far is given, the later member's of equals; one that nobody could read has a
 * share of 0.
 *
 * <p>k = 20 and temperature 0.8 are the paper's; its thresholds lie between .4 and 1, and the
 * default of .6 is ours. The samples see the request as it was asked: demonstrations and "think
 * step by step" are the caller's, or a system message of the ensemble's. The form is found over the
 * samples of one member. Cost per request: k calls a member, at once, each with the whole prompt;
 * the vote is linear in the length of the answers.
 */
public final class ConsistencyPolicy implements Policy {

  /**
   * Settings.
   *
   * @param samples k
   * @param temperature of the samples
   * @param thresholds tau_j, one for each member but the last, or one for all of them
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(
              help = "How often each member but the last is sampled; its prompt is paid each time.",
              min = 2,
              max = Call.MOST)
          int samples,
      @Setting(
              help = "Temperature of the samples; at 0 they would all say the same.",
              min = 0,
              max = 2)
          double temperature,
      @Setting(
              help =
                  "Least share of a member's samples that must agree: one for each member but the"
                      + " last, or one for all of them. 0 takes every answer.",
              min = 0,
              max = 1)
          List<Double> thresholds,
      @Setting(
              help =
                  "Form in which answers are compared: the final number, the letter of an option,"
                      + " a date, a number with its unit, a value of Python or JSON (literal; json:"
                      + " objects and lists alone), calls of tools, a query or code by its tokens,"
                      + " words without case, articles and punctuation; auto takes the first form"
                      + " that more than half of a member's answers plainly have.")
          AnswerForm canonical)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(20, 0.8, List.of(0.6), AnswerForm.AUTO);

    @Override
    public void requireFit(int members) {
      if (thresholds.size() != 1 && thresholds.size() != members - 1) {
        throw new SettingsException(
            "thresholds",
            ("thresholds has %d entries; %d members take one for each but the last (%d), or one for"
                    + " all.")
                .formatted(thresholds.size(), members, members - 1));
      }
    }

    double threshold(int member) {
      return thresholds.get(thresholds.size() == 1 ? 0 : member);
    }
  }

  /**
   * What a member's samples agree on.
   *
   * @param stage place of the first one that says so; -1 where nobody answered
   * @param share of all samples, in [0, 1]
   */
  private record Agreement(int stage, double share) {}

  /** One answer agrees with itself. */
  private static final int FEWEST = 2;

  private final Settings settings;

  /** A policy with these settings. */
  public ConsistencyPolicy(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Step next(Episode episode) {
    int members = episode.members().size();
    if (episode.stages().isEmpty()) {
      return ask(0, episode, new Abstain(OptionalDouble.empty(), ""));
    }
    int latest = episode.stages().getLast().asked().member();
    Agreement agreement = agreement(episode, latest);
    boolean last = latest == members - 1;
    OptionalDouble share =
        last || agreement.stage() < 0
            ? OptionalDouble.empty()
            : OptionalDouble.of(agreement.share());
    OptionalDouble threshold =
        last ? OptionalDouble.empty() : OptionalDouble.of(settings.threshold(latest));
    if (last && agreement.stage() >= 0) {
      return new Accept(agreement.stage(), share, "The last member always answers.");
    }
    if (!last && agreement.stage() >= 0 && agreement.share() >= settings.threshold(latest)) {
      return new Accept(agreement.stage(), share, threshold, compared(agreement, ">=", latest));
    }
    if (!last && !episode.exhausted()) {
      String why = agreement.stage() < 0 ? "It failed." : compared(agreement, "<", latest);
      return ask(latest + 1, episode, new Abstain(share, threshold, why));
    }
    return best(episode, latest, new Abstain(share, threshold, "No member answered."));
  }

  /**
   * As soon as some answer is both frequent enough and ahead of all that the pending samples could
   * bring, or none can be frequent enough any more, in a form that is settled.
   */
  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    List<Answered> answered =
        episode.answered(episode.rounds()).stream()
            .map(i -> (Answered) episode.stages().get(i))
            .toList();
    if (answered.isEmpty()) {
      return false;
    }
    Optional<AnswerForm> form =
        settings
            .canonical()
            .settled(answered.stream().map(Answered::text).toList(), pending.size());
    if (form.isEmpty()) {
      return false;
    }
    int member = answered.getLast().asked().member();
    List<Integer> falling =
        counts(form.get(), answered).values().stream().sorted(Comparator.reverseOrder()).toList();
    int most = falling.isEmpty() ? 0 : falling.getFirst();
    int second = (falling.size() < 2 ? 0 : falling.get(1)) + pending.size();
    int samples = ended(episode) + pending.size();
    double threshold = settings.threshold(member);
    return share(most, samples) >= threshold
        ? most > second
        : share(most + pending.size(), samples) < threshold;
  }

  private static int ended(Episode episode) {
    return (int)
        episode.stages().stream()
            .filter(stage -> stage.asked().round() == episode.rounds())
            .count();
  }

  private static double share(int count, int samples) {
    return (double) count / samples;
  }

  private static Map<String, Integer> counts(AnswerForm form, List<Answered> answered) {
    Map<String, Integer> counts = new HashMap<>();
    answered.forEach(its -> compared(form, its).ifPresent(a -> counts.merge(a, 1, Integer::sum)));
    return counts;
  }

  /**
   * Asks the first member, from this one on, of whom enough is paid.
   *
   * @param why nobody's answer so far does
   */
  private Ask ask(int member, Episode episode, Step why) {
    int last = episode.members().size() - 1;
    for (int next = member; next < last; next++) {
      int samples = paid(episode, next);
      if (samples >= FEWEST) {
        return ask(next, samples, last, why);
      }
    }
    // Where nothing is paid, whoever would be asked first is named.
    return member == last || paid(episode, last) > 0
        ? ask(last, 1, last, why)
        : ask(member, FEWEST, last, why);
  }

  private Ask ask(int member, int samples, int last, Step why) {
    Call call =
        member == last
            ? Generate.asAsked(member)
            : new Generate(
                member,
                Prompt.AS_ASKED,
                samples,
                SamplingChange.temperature(settings.temperature()),
                "");
    return new Ask(
        List.of(call),
        last + 1 - member,
        member == last,
        why.confidence(),
        why.threshold(),
        why.explanation());
  }

  /** How many samples of a member the budget pays, k at most. */
  private int paid(Episode episode, int member) {
    double each = episode.members().get(member).expectedUsd();
    int samples = settings.samples();
    if (episode.usdLeft().isPresent()) {
      while (samples > 0 && samples * each > episode.usdLeft().getAsDouble()) {
        samples--;
      }
    }
    return samples;
  }

  private Step best(Episode episode, int latest, Abstain none) {
    var best = new Agreement(-1, 0);
    for (int member = 0; member <= latest; member++) {
      Agreement its = agreement(episode, member);
      if (its.stage() >= 0 && its.share() >= best.share()) {
        best = its;
      }
    }
    return best.stage() < 0
        ? none
        : new Accept(
            best.stage(),
            none.confidence(),
            none.threshold(),
            "No further member could answer; the answer that most samples agree on stands.");
  }

  private Agreement agreement(Episode episode, int member) {
    List<Stage> stages = episode.stages();
    List<Integer> its =
        IntStream.range(0, stages.size())
            .filter(i -> stages.get(i).asked().member() == member)
            .boxed()
            .toList();
    List<Integer> answered = its.stream().filter(i -> stages.get(i) instanceof Answered).toList();
    if (answered.isEmpty()) {
      return new Agreement(-1, 0);
    }
    AnswerForm form =
        settings
            .canonical()
            .resolve(answered.stream().map(i -> ((Answered) stages.get(i)).text()).toList());
    Map<String, Integer> counts =
        counts(form, answered.stream().map(i -> (Answered) stages.get(i)).toList());
    int most = counts.values().stream().mapToInt(count -> count).max().orElse(0);
    int first =
        answered.stream()
            .filter(
                i ->
                    compared(form, (Answered) stages.get(i))
                        .map(answer -> counts.get(answer) == most)
                        .orElse(false))
            .findFirst()
            .orElse(answered.getFirst());
    return new Agreement(first, share(most, its.size()));
  }

  private static Optional<String> compared(AnswerForm form, Answered answer) {
    return answer.tools().isPresent() ? answer.tools() : form.canonical(answer.text());
  }

  private String compared(Agreement agreement, String sign, int member) {
    return "agreement %.3f %s threshold %.3f."
        .formatted(agreement.share(), sign, settings.threshold(member));
  }
}
