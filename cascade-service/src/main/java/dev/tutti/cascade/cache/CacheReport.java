package dev.tutti.cascade.cache;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an ensemble keeps, and how often it was wrong to give it again; told of what is still kept.
 *
 * @param entries how many answers
 * @param oldest when the oldest was made; empty where there is none
 * @param judged feedback on answers as they were given to other questions: to its own an answer is
 *     as right or wrong as its members made it
 * @param judgedWrong of those, that they are wrong
 * @param checked answers that could have been given and were asked for anew
 * @param checkedWrong of those, which came out otherwise
 */
public record CacheReport(
    String ensemble,
    int entries,
    Optional<Instant> oldest,
    long judged,
    long judgedWrong,
    long checked,
    long checkedWrong) {

  static CacheReport of(String ensemble, List<CacheEntry> entries) {
    return new CacheReport(
        ensemble,
        entries.size(),
        entries.stream().map(entry -> entry.made().time()).min(Instant::compareTo),
        count(entries, Observation.Source.JUDGED, false),
        count(entries, Observation.Source.JUDGED, true),
        count(entries, Observation.Source.CHECKED, false),
        count(entries, Observation.Source.CHECKED, true));
  }

  private static long count(
      List<CacheEntry> entries, Observation.Source source, boolean wrongOnly) {
    return entries.stream()
        .flatMap(entry -> entry.observed().stream())
        .filter(its -> its.source() == source && its.ofOther() && !(wrongOnly && its.right()))
        .count();
  }

  /**
   * Share of wrong ones among those given, or to be given, to other questions that somebody looked
   * at; empty where nobody did.
   */
  public OptionalDouble falseHitRate() {
    long looked = judged + checked;
    return looked == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) (judgedWrong + checkedWrong) / looked);
  }
}
