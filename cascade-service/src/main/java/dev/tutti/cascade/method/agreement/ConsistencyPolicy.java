package dev.tutti.cascade.method.agreement;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.method.Thresholds;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.function.UnaryOperator;

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
      new Thresholds(thresholds).requireFit(members);
    }
  }

  private final SampledCascade cascade;

  /** A policy with these settings. */
  public ConsistencyPolicy(Settings settings) {
    var thresholds = new Thresholds(settings.thresholds());
    this.cascade =
        new SampledCascade(
            List.of(Source.AS_ASKED),
            new AgreementRule.Vote(thresholds::of),
            settings.samples(),
            settings.temperature(),
            settings.canonical(),
            UnaryOperator.identity());
  }

  @Override
  public boolean draws() {
    return cascade.draws();
  }

  @Override
  public Step next(Episode episode) {
    return cascade.next(episode);
  }

  /**
   * As soon as some answer is both frequent enough and ahead of all that the pending samples could
   * bring, or none can be frequent enough any more, in a form that is settled.
   */
  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    return cascade.isSettled(episode, pending);
  }
}
