package dev.tutti.cascade.cache;

import dev.tutti.kit.settings.Setting;
import java.util.OptionalDouble;

/**
 * The settings that all cascades have: whether answers are kept, and to which questions they are
 * given again.
 *
 * @param cache which requests are answered from what is kept
 * @param cacheSimilarity least cosine of two questions, 0.5 to 1
 * @param cacheError greatest share of wrong answers among those that are given, 0.001 to 0.5; empty
 *     for whatever is similar enough
 * @param cacheHours how long an answer is kept, at most a year
 * @param cacheSize most answers that an ensemble keeps
 * @param cacheDrawn whether answers that are drawn at random are kept too
 * @param cacheRecheck share of the answers to similar questions that are asked for anew, 0 to 1
 */
public record CacheSettings(
    @Setting(
            help =
                "Which requests are answered from answers that were kept: none (off), the same request"
                    + " again (exact), or also another question that means the same (semantic)."
                    + " With members that are ensembles: none.")
        Reach cache,
    @Setting(
            help =
                "Least cosine of two questions' embeddings for one's answer to be given to the other."
                    + " Names, numbers, units, negations and words of direction must be the same"
                    + " besides; while cache_error is null every other word too, but a few that ask"
                    + " or join.",
            min = 0.5,
            max = 1)
        double cacheSimilarity,
    @Setting(
            help =
                "Greatest share of wrong answers to similar questions: each kept answer then learns"
                    + " from which similarity on it may be given, by feedback and by asking the"
                    + " members all the same until it is known. null: cache_similarity alone decides.",
            min = 0.001,
            max = 0.5)
        OptionalDouble cacheError,
    @Setting(help = "How long an answer is kept.", min = 0.001, max = 8_760, unit = "h")
        double cacheHours,
    @Setting(
            help = "How many answers the ensemble keeps; the oldest goes first.",
            min = 1,
            max = CacheSettings.MOST)
        int cacheSize,
    @Setting(
            help =
                "Whether answers that are drawn at random (a temperature above 0, or none said) are"
                    + " kept and given again too, also where the method draws them by itself. A seed"
                    + " must be the same.")
        boolean cacheDrawn,
    @Setting(
            help =
                "Share of the answers to similar questions that are asked for anew, to see how often"
                    + " they are wrong.",
            min = 0,
            max = 1)
        double cacheRecheck) {

  /** Most answers of an ensemble. */
  public static final int MOST = 100_000;

  /** Nothing is kept. The least similarity is GPTCache's strict one, the share of checks 1 %. */
  public static final CacheSettings DEFAULTS =
      new CacheSettings(Reach.OFF, 0.95, OptionalDouble.empty(), 24, 10_000, false, 0.01);

  /** Which requests are answered from what is kept. */
  public enum Reach {
    /** None. */
    OFF,
    /** The same request. */
    EXACT,
    /** The same, and those of the same meaning. */
    SEMANTIC
  }
}
