package dev.tutti.fusion;

import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.Parameters;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A method that chooses among answers, and is fitted to recorded ones.
 *
 * @param <L> what it learns
 * @param <S> settings of its fit
 * @param <R> settings of the method
 * @param name the field's own name in kebab-case
 * @param summary what it does, in one line
 * @param paper authors, year, where to find it
 * @param members how many it can learn about
 * @param evidence what it looks at beside the answers when it learns; never {@link
 *     Evidence.Kind#SCORES}, since nobody is asked to judge recorded answers
 * @param defaults settings of its fit
 * @param fitter learns from recorded answers
 * @param reader reads what was learned before
 * @param type the class that is the method
 * @param settings defaults of the method's
 * @param maker makes the method
 * @param measured chooses as the method does where everybody has answered: by it a fit measures on
 *     what was held out
 * @param memory that learning takes
 */
public record FittedSelector<
        L extends LearnedFusion, S extends Record, R extends Record & Fitted.Settings>(
    String name,
    String summary,
    String paper,
    Members members,
    Set<Evidence.Kind> evidence,
    S defaults,
    Fitter<L, S> fitter,
    Function<Parameters, L> reader,
    Class<? extends FusionMethod> type,
    R settings,
    Maker<L, R> maker,
    BiFunction<L, S, Selector> measured,
    Memory<S> memory)
    implements FittedFusion<RecordedAnswers, L, S, R> {

  /** One whose learning takes less memory than the answers that it learns from. */
  public FittedSelector(
      String name,
      String summary,
      String paper,
      Members members,
      Set<Evidence.Kind> evidence,
      S defaults,
      Fitter<L, S> fitter,
      Function<Parameters, L> reader,
      Class<? extends FusionMethod> type,
      R settings,
      Maker<L, R> maker,
      BiFunction<L, S, Selector> measured) {
    this(
        name,
        summary,
        paper,
        members,
        evidence,
        defaults,
        fitter,
        reader,
        type,
        settings,
        maker,
        measured,
        (_, _, _) -> 0);
  }

  /**
   * Learns.
   *
   * @param <L> what it learns
   * @param <S> its settings
   */
  @FunctionalInterface
  public interface Fitter<L, S> {

    /** As {@link FittedSelector#fit}. */
    L fit(RecordedAnswers data, S settings, RandomGenerator random);
  }

  /**
   * Tells what memory learning takes.
   *
   * @param <S> settings of the fit
   */
  @FunctionalInterface
  public interface Memory<S> {

    /** As {@link FittedSelector#bytes}. */
    long bytes(long answers, int members, S settings);
  }

  /**
   * Makes a method of what was learned.
   *
   * @param <L> what that is
   * @param <R> settings of the method
   */
  @FunctionalInterface
  public interface Maker<L, R> {

    /** As {@link FittedSelector#method}. */
    FusionMethod make(R settings, L learned, int version);
  }

  @Override
  public L fit(RecordedAnswers data, S settings, RandomGenerator random) {
    return fitter.fit(data, settings, random);
  }

  /**
   * Bytes that learning takes at most, beside the answers that it learns from; 0 where that is less
   * than these.
   *
   * @param answers that it learns from
   * @param count how many members gave them
   * @param its settings of the fit
   */
  public long bytes(long answers, int count, S its) {
    return memory.bytes(answers, count, its);
  }

  @Override
  public L read(Parameters parameters) {
    return reader.apply(parameters);
  }

  @Override
  public FusionMethod method(R settings, L learned, int version) {
    return maker.make(settings, learned, version);
  }

  /** As its fit measures it on what was held out. */
  public Selector selector(L learned, S settings) {
    return measured.apply(learned, settings);
  }
}
