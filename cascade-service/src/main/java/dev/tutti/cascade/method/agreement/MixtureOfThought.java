package dev.tutti.cascade.method.agreement;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.method.Thresholds;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.answer.ProgramAnswer;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The Mixture-of-Thought cascade (Yue et al., ICLR 2024, arXiv:2310.03094): a member is sampled
 * from one or two sources, which differ in how it is to think (in words, CoT, or by a program, PoT)
 * or in the examples that it is shown; where the samples agree what they agree on is taken, else
 * the next member is asked. The last one answers once, as it was asked, and is taken.
 *
 * <p>Vote: {@code s = max_a |{i: y_i = a}| / n} over the samples of all sources, taken where {@code
 * s >= tau}. Verify: the most frequent answer of one source is that of the other; there is no
 * threshold. Sources, as the paper names them: cot_1d and pot_1d (one source, first examples),
 * cot_2d and pot_2d (both examples), mot_1d (words and program, first examples), mot_2d (words with
 * the first, program with the second examples); verify takes the four that are two.
 *
 * <p>A program is arithmetic, whose value is computed here ({@link ProgramAnswer}); no other code
 * is ever run. One without a value, an answer that cannot be read, and a sample that failed count
 * in n and never win. Ties, the budget, samples that are not waited for, and what is given where
 * nobody can be asked any more are as in {@link ConsistencyPolicy}; a source has one sample at
 * least where there are two. Where samples in words and a program's value agree an answer in words
 * is given, else the value alone. Numbers are compared to three decimals, and those below 1 to
 * three digits; the paper's are the same within 1e-3, which no grouping can be.
 *
 * <p>Temperature .8 and 20 samples of one source are the paper's, of each of two sources half as
 * many; its code draws 7, for the second prompt's price. The default .6 of thresholds that lie
 * between .4 and 1 is ours, and so are the instructions; examples are settings, none by default.
 * The paper runs Python, so its programs know dates. The paper's strong model reasons by itself;
 * here it is asked as the request was. Cost per request: n calls a member, at once, each with the
 * whole prompt. A request that holds what is not interpreted (tools, pictures) is refused, as the
 * prompt is written anew; calls of tools and JSON that answers hold are compared as such.
 */
public final class MixtureOfThought implements Policy {

  private static final String WORDS =
      "Reason step by step before you answer. Then write, on a last line of its own: The answer is"
          + " ...";

  private static final String PROGRAM =
      "Do not answer in words. Write a short program that computes the answer, between two lines of"
          + " three back quotes. It has one statement a line: a name, the sign = and an arithmetic"
          + " expression of numbers, names assigned above, + - * / // % **, parentheses,"
          + " comparisons, and min, max, abs and round. There is nothing else: no imports, no loops,"
          + " no functions of your own, no texts. Its last line assigns the answer to the name ans.";

  private static final String EXAMPLES = "\n\nExamples:\n\n";

  private static final int MOST_CHARACTERS = 20_000;

  /** When samples agree. */
  public enum Family {
    /** By their share. */
    VOTE,
    /** Where both sources say the same. */
    VERIFY
  }

  /** How samples are asked for. */
  public enum Sources {
    /** In words. */
    COT_1D(List.of(true), List.of(0)),
    /** By programs. */
    POT_1D(List.of(false), List.of(0)),
    /** In words, after the first and after the second examples. */
    COT_2D(List.of(true, true), List.of(0, 1)),
    /** By programs, after the first and after the second examples. */
    POT_2D(List.of(false, false), List.of(0, 1)),
    /** In words and by programs, after the first examples of each. */
    MOT_1D(List.of(true, false), List.of(0, 0)),
    /** In words after the first, by programs after the second examples. */
    MOT_2D(List.of(true, false), List.of(0, 1));

    private final List<Boolean> words;
    private final List<Integer> examples;

    Sources(List<Boolean> words, List<Integer> examples) {
      this.words = words;
      this.examples = examples;
    }
  }

  /**
   * Settings.
   *
   * @param family when samples agree
   * @param sources how they are asked for
   * @param samples of each source
   * @param temperature of the samples
   * @param thresholds tau_j of the vote, one for each member but the last, or one for all of them
   * @param cotDemonstrations examples in words, first and second
   * @param potDemonstrations examples by programs, first and second
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(
              help =
                  "When samples agree: vote = enough of all say the same; verify = what most of each"
                      + " of two sources say is the same.")
          Family family,
      @Setting(
              help =
                  "Where samples come from: in words (cot), by programs of arithmetic (pot), with"
                      + " the first (1d) or with the first and the second demonstrations (2d);"
                      + " mot_1d and mot_2d = both, with the first of each, or words with the first"
                      + " and programs with the second.")
          Sources sources,
      @Setting(
              help =
                  "How often each member but the last is sampled from each source; its prompt is"
                      + " paid each time.",
              min = 1,
              max = Call.MOST)
          int samples,
      @Setting(
              help = "Temperature of the samples; at 0 they would all say the same.",
              min = 0,
              max = 2)
          double temperature,
      @Setting(
              help =
                  "Least share of a member's samples that must agree, for vote: one for each member"
                      + " but the last, or one for all of them. 0 takes every answer.",
              min = 0,
              max = 1)
          List<Double> thresholds,
      @Setting(
              help =
                  "Examples of questions and answers in words that the member is shown: the first"
                      + " and the second set, 20,000 characters each at most; none by default.")
          List<String> cotDemonstrations,
      @Setting(
              help =
                  "Examples of questions and programs that the member is shown: the first and the"
                      + " second set, 20,000 characters each at most; none by default.")
          List<String> potDemonstrations,
      @Setting(help = "Form in which answers are compared, as for consistency.")
          AnswerForm canonical)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(
            Family.VOTE,
            Sources.MOT_1D,
            10,
            0.8,
            List.of(0.6),
            List.of(),
            List.of(),
            AnswerForm.AUTO);

    /** Checks that there are two sources where two are needed, and that they differ. */
    public Settings {
      requireBounds("cot_demonstrations", cotDemonstrations);
      requireBounds("pot_demonstrations", potDemonstrations);
      int number = sources.words.size();
      if (family == Family.VERIFY && number < 2) {
        throw new SettingsException(
            "sources",
            "sources is %s, which is one; verify holds two against each other: cot_2d, pot_2d, mot_1d or mot_2d."
                .formatted(name(sources)));
      }
      if (number == 1 && samples < 2) {
        throw new SettingsException(
            "samples",
            "samples is 1; of one source at least 2 are drawn, as one agrees with itself.");
      }
      for (int s = 0; s < number; s++) {
        List<String> shown = sources.words.get(s) ? cotDemonstrations : potDemonstrations;
        boolean second = sources.examples.get(s) == 1;
        if (second && (shown.size() < 2 || shown.get(0).equals(shown.get(1)))) {
          String setting = sources.words.get(s) ? "cot_demonstrations" : "pot_demonstrations";
          throw new SettingsException(
              setting,
              "%s has no second text that differs from the first; sources %s shows it."
                  .formatted(setting, name(sources)));
        }
      }
    }

    private static void requireBounds(String setting, List<String> texts) {
      if (texts.size() > 2 || texts.stream().anyMatch(text -> text.length() > MOST_CHARACTERS)) {
        throw new SettingsException(
            setting,
            "%s has %d texts, the longest of %d characters; at most 2 of %d are allowed."
                .formatted(
                    setting,
                    texts.size(),
                    texts.stream().mapToInt(String::length).max().orElse(0),
                    MOST_CHARACTERS));
      }
    }

    private static String name(Sources sources) {
      return sources.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void requireFit(int members) {
      new Thresholds(thresholds).requireFit(members);
    }

    private Source source(int number) {
      boolean isWords = sources.words.get(number);
      int which = sources.examples.get(number);
      List<String> all = isWords ? cotDemonstrations : potDemonstrations;
      String examples = which < all.size() ? all.get(which) : "";
      return new Source(
          "%s %d".formatted(isWords ? "cot" : "pot", which + 1),
          (isWords ? WORDS : PROGRAM) + (examples.isBlank() ? "" : EXAMPLES + examples),
          !isWords);
    }
  }

  private final SampledCascade cascade;

  /** A policy with these settings. */
  public MixtureOfThought(Settings settings) {
    var thresholds = new Thresholds(settings.thresholds());
    this.cascade =
        new SampledCascade(
            IntStream.range(0, settings.sources().words.size()).mapToObj(settings::source).toList(),
            settings.family() == Family.VOTE
                ? new AgreementRule.Vote(thresholds::of)
                : new AgreementRule.Verify(),
            settings.samples(),
            settings.temperature(),
            settings.canonical(),
            RoundedNumber::spelling);
  }

  @Override
  public boolean draws() {
    return cascade.draws();
  }

  @Override
  public Step next(Episode episode) {
    return cascade.next(episode);
  }

  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    return cascade.isSettled(episode, pending);
  }
}
