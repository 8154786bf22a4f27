package dev.tutti.cascade.cache;

import dev.tutti.cascade.cache.AnswerMemory.Owner;
import dev.tutti.cascade.cache.CacheEntry.Embedded;
import dev.tutti.cascade.cache.Observation.Source;
import dev.tutti.cascade.cache.SimilarEntries.Near;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.Completion;
import dev.tutti.kit.grpc.Failure;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The answers that cascades keep: looked up in memory, written behind. Thread-safe; no lookup waits
 * for the database, and while that is away what is known is given on, and what is new waits in
 * memory to be written. What {@link #purge} did is committed when it returns.
 */
public final class AnswerCache {

  /** Whose observations stand in for those that an entry does not have yet. */
  private static final int NEIGHBOURS = 20;

  private static final double MOST_ALIKE = 1 - 1e-9;

  private final AnswerMemory memory;
  private final CacheTable table;
  private final CacheWriter writer;
  private final DoubleSupplier random;
  private final Supplier<Instant> clock;

  /**
   * A cache.
   *
   * @param writer which brings to the table what is new
   * @param random numbers in [0, 1)
   */
  AnswerCache(
      AnswerMemory memory,
      CacheTable table,
      CacheWriter writer,
      DoubleSupplier random,
      Supplier<Instant> clock) {
    this.memory = memory;
    this.table = table;
    this.writer = writer;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Looks for an answer.
   *
   * @param embedding of the question, asked for where it is needed; empty where it cannot be had
   * @param refresh whether none is given in any case
   */
  public Lookup look(
      CacheKey key,
      CacheSettings settings,
      Supplier<Optional<Embedded>> embedding,
      boolean refresh) {
    long purge = memory.purges().known();
    writer.delete(memory.limit(owner(key), settings.cacheSize()));
    Optional<CacheEntry> same = memory.find(key).filter(its -> its.isGoodForItself(clock.get()));
    if (same.isPresent() && !refresh) {
      return new Lookup.Given(same.get(), CacheOutcome.CACHE_OUTCOME_EXACT, 1);
    }
    Optional<Embedded> question =
        settings.cache() == CacheSettings.Reach.SEMANTIC && key.byMeaning()
            ? embedding.get()
            : Optional.empty();
    if (question.isEmpty()) {
      return new Lookup.Missed(key, Embedded.NOTHING, Optional.empty(), purge);
    }
    return refresh
        ? new Lookup.Missed(key, question.get(), Optional.empty(), purge)
        : alike(key, settings, question.get(), purge);
  }

  private Lookup alike(CacheKey key, CacheSettings settings, Embedded question, long purge) {
    List<Near> near = memory.nearest(key, question, NEIGHBOURS);
    Instant now = clock.get();
    Optional<Near> best =
        near.stream()
            .filter(its -> its.similarity() >= settings.cacheSimilarity())
            .filter(its -> its.entry().isGoodForOthers(now))
            .filter(its -> mayMean(its.entry().key().question(), key.question(), settings))
            .findFirst();
    if (best.isEmpty()) {
      return new Lookup.Missed(key, question, Optional.empty(), purge);
    }
    CacheEntry entry = best.get().entry();
    // Another question is never the same request.
    double similarity = Math.min(MOST_ALIKE, best.get().similarity());
    double asking =
        settings.cacheError().isPresent()
            ? ServingRule.asking(
                observed(entry, near), similarity, settings.cacheError().getAsDouble())
            : 0;
    Optional<Source> why =
        random.getAsDouble() < asking
            ? Optional.of(Source.EXPLORED)
            : random.getAsDouble() < settings.cacheRecheck()
                ? Optional.of(Source.CHECKED)
                : Optional.empty();
    return why.isPresent()
        ? new Lookup.Missed(
            key, question, Optional.of(new Lookup.Beside(entry, similarity, why.get())), purge)
        : new Lookup.Given(entry, CacheOutcome.CACHE_OUTCOME_SEMANTIC, similarity);
  }

  /** Where nothing is learned of an answer, no word may be another one. */
  private static boolean mayMean(String one, String other, CacheSettings settings) {
    return Specifics.agree(one, other)
        && (settings.cacheError().isPresent() || Specifics.sameWords(one, other));
  }

  /** Of the entry; where those are too few, of its neighbours too. */
  private static List<Observation> observed(CacheEntry entry, List<Near> near) {
    if (entry.observed().size() >= ServingRule.LEAST) {
      return entry.observed();
    }
    return near.stream().flatMap(its -> its.entry().observed().stream()).toList();
  }

  /**
   * Keeps what the members answered, where it is worth it, and notes whether it is the same as what
   * was not given. Where it is the same, the question is found by the same request only: its
   * neighbour stands for it.
   *
   * @param requestId of the request
   * @return what is kept, and will be in the database soon; empty where nothing is: also where all
   *     was forgotten since the look-up, or where more waits to be written than there is room for
   */
  public Optional<CacheEntry> keep(
      Lookup.Missed missed, CacheSettings settings, String requestId, Completion answer) {
    if (!KeepRule.allows(answer)) {
      return Optional.empty();
    }
    Optional<Boolean> same =
        missed
            .beside()
            .map(its -> KeepRule.same(its.entry().made().answer().getText(), answer.getText()));
    missed
        .beside()
        .ifPresent(
            its ->
                observe(
                    its.entry(),
                    new Observation(
                        "asked:" + requestId, its.similarity(), same.get(), its.source())));
    // As exact as the database.
    Instant now = clock.get().truncatedTo(ChronoUnit.MICROS);
    var lasts = Duration.ofMillis((long) (settings.cacheHours() * Duration.ofHours(1).toMillis()));
    var entry =
        new CacheEntry(
            missed.key(),
            same.orElse(false) ? Embedded.NOTHING : missed.question(),
            new CacheEntry.Made(
                plain(answer), requestId, answer.getCostUsd(), now, now.plus(lasts)));
    if (!writer.put(entry, missed.purge())) {
      return Optional.empty();
    }
    writer.delete(memory.put(entry, OptionalInt.of(settings.cacheSize())));
    // After it is there: a purge notes itself before it looks what there is.
    if (memory.purges().isSince(owner(missed.key()), missed.purge())) {
      memory.remove(entry);
      return Optional.empty();
    }
    return Optional.of(entry);
  }

  private static Owner owner(CacheKey key) {
    return new Owner(key.team(), key.ensemble());
  }

  private static Completion plain(Completion answer) {
    return Completion.newBuilder()
        .setText(answer.getText())
        .setFinishReason(answer.getFinishReason())
        .setAuthor(answer.getAuthor())
        .setSignals(answer.getSignals())
        .build();
  }

  private void observe(CacheEntry entry, Observation its) {
    memory.observe(entry, its);
    writer.observe(entry, its);
  }

  /**
   * Notes that an answer was given, so that feedback on it is understood.
   *
   * @param requestId of the request that got it
   */
  public void gave(Lookup.Given given, String requestId) {
    writer.gave(given.entry(), requestId, given.similarity());
  }

  /**
   * Forgets all that an ensemble keeps.
   *
   * @return how many answers
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.Unavailable} where the database is
   *     away; nothing is forgotten then
   */
  public int purge(String team, String ensemble, String author) {
    var owner = new Owner(team, ensemble);
    return writer.now(
        () -> {
          CacheTable.Purged purged = table.purge(owner, author);
          memory.purges().note(owner, purged.number());
          return Math.max(purged.entries(), memory.clear(owner));
        });
  }

  /**
   * Forgets all that a team's ensembles keep.
   *
   * @return how many answers
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.Unavailable} where the database is
   *     away; some may be forgotten then
   */
  public int purgeAll(String team, String author) {
    var ensembles = new TreeSet<>(memory.of(team).keySet());
    ensembles.addAll(writer.now(() -> table.ensembles(team)));
    return ensembles.stream().mapToInt(its -> purge(team, its, author)).sum();
  }

  /**
   * Forgets all that those of a team's ensembles keep which keep an answer that was made for one of
   * these requests: only a purge reaches every replica.
   *
   * @return how many answers
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.Unavailable} where the database is
   *     away; some may be forgotten then
   */
  public int purgeOf(String team, Set<String> requests, String author) {
    var ensembles = new TreeSet<>(writer.now(() -> table.ensembles(team, requests)));
    memory
        .of(team)
        .forEach(
            (ensemble, entries) -> {
              if (entries.stream().anyMatch(its -> requests.contains(its.made().requestId()))) {
                ensembles.add(ensemble);
              }
            });
    return ensembles.stream().mapToInt(its -> purge(team, its, author)).sum();
  }

  /** What a team's ensembles keep, by their names. */
  public List<CacheReport> report(String team) {
    var all = new ArrayList<CacheReport>();
    memory.of(team).forEach((ensemble, its) -> all.add(CacheReport.of(ensemble, its)));
    all.sort(Comparator.comparing(CacheReport::ensemble));
    return List.copyOf(all);
  }

  /** What one keeps. */
  public CacheReport report(String team, String ensemble) {
    return CacheReport.of(ensemble, memory.of(team).getOrDefault(ensemble, List.of()));
  }

  /** Ensembles that keep something, of whatever team. */
  Set<String> ensembles() {
    return memory.ensembles();
  }

  /** A statement on the database. */
  @FunctionalInterface
  interface Statement<T> {
    T run() throws SQLException;
  }
}
