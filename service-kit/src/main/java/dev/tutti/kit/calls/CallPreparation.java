package dev.tutti.kit.calls;

import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.decoder.v1.TextScore;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.calls.CallLog.Entry;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Delivered;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.PromptSize;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.type.v1.Member;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes of a method's calls what can be done: with their sampling and seeds, on the request's
 * thread; what is prepared may then be done on any.
 */
final class CallPreparation {

  /**
   * A call that can be made.
   *
   * @param entry for the log
   * @param work makes it, and never throws because of the member
   */
  record Prepared(Entry entry, Supplier<Outcome> work) {}

  private final RecipeRequest request;
  private final MemberCalls calls;

  /** The prompt of whoever is asked what was asked. */
  private final Supplier<PromptSize> asAsked;

  /** Seeds of each member, in the order in which they are drawn. */
  private final Map<Integer, SplittableRandom> seeds = new HashMap<>();

  CallPreparation(RecipeRequest request, MemberCalls calls) {
    this.request = request;
    this.calls = calls;
    this.asAsked = PromptSize.later(request.request());
  }

  /**
   * Prepares one answer of a call.
   *
   * @param alone whether nobody is asked together with it
   * @param live gets its pieces while it is written, and what it tells of its use
   */
  Prepared prepare(
      Call call, Asked which, boolean alone, int turns, Optional<Consumer<GenerateResponse>> live) {
    requireMember(call);
    return switch (call) {
      case Call.Generate generate -> write(generate, which, alone, turns, live);
      case Call.Score score -> {
        Member member = request.members().get(score.member());
        var next = Wire.score(request, member, score);
        var delivered = new Delivered(List.of(member), Wire.read(next));
        yield prepared(
            new Entry(call, which, Optional.of(delivered)),
            entry -> scored(entry, member, calls.score(next, turns)));
      }
      case Call.Embed embed -> {
        var next = Wire.embed(request, embed);
        yield prepared(
            new Entry(call, which, Optional.empty()),
            entry -> embedded(entry, embed, calls.embed(next, turns)));
      }
    };
  }

  private void requireMember(Call call) {
    if (call instanceof Call.Embed && call.member() == Call.PLATFORM) {
      return;
    }
    int count = request.members().size();
    if (call.member() < 0 || call.member() >= count) {
      throw new IllegalArgumentException(
          "Member %d is asked; 0 to %d are allowed.".formatted(call.member(), count - 1));
    }
    Member member = request.members().get(call.member());
    if (member.hasEnsemble() && !(call instanceof Call.Generate)) {
      throw new IllegalArgumentException(
          "'%s' is an ensemble; only models score and embed.".formatted(member.getEnsemble()));
    }
  }

  private Prepared write(
      Call.Generate call,
      Asked which,
      boolean alone,
      int turns,
      Optional<Consumer<GenerateResponse>> live) {
    Member member = request.members().get(call.member());
    GenerateRequest asked =
        Wire.generate(request, member, call.prompt(), sampling(call, member, alone));
    // Several answers are wanted, not one that is kept several times.
    GenerateRequest next =
        call.samples() == 1 ? asked : asked.toBuilder().setCache(CacheUse.CACHE_USE_BYPASS).build();
    var delivered =
        call.prompt() instanceof Prompt.AsAsked
            ? new Delivered(List.of(member), asAsked)
            : new Delivered(List.of(member), next);
    return prepared(
        new Entry(call, which, Optional.of(delivered)),
        entry ->
            new Outcome.Answered(
                which,
                calls.write(member, next, delivered, turns, live.orElse(_ -> {})),
                entry.seconds(),
                live.isPresent()));
  }

  private static Prepared prepared(Entry entry, Function<Entry, Outcome> work) {
    return new Prepared(
        entry,
        () -> {
          entry.begin();
          try {
            return work.apply(entry);
          } catch (FailureException e) {
            return new Outcome.Failed(
                entry.asked, e.failure(), bill(entry, e.spent(), e.failure()), entry.seconds());
          } catch (CancelledException e) {
            return new Outcome.Unneeded(
                entry.asked, bill(entry, e.spent(), CallLog.LEFT), entry.seconds());
          }
        });
  }

  /** What a call that did not end well used: what it told, or else what it had read. */
  private static Spent bill(Entry entry, Spent told, Failure why) {
    return Usages.isSomething(told)
        ? told
        : entry.delivered.map(delivered -> delivered.bill(why)).orElse(told);
  }

  /**
   * The sampling of a call. Where the request has a seed, each of several answers gets its own,
   * drawn from the seed and the member's name: with one seed for all, models that are alike would
   * draw the same tokens and agree without being right. The order of the members plays no part. Who
   * is asked alone, the first time, and as it was asked, keeps the seed, so that an ensemble of one
   * answers as the member itself.
   */
  private Sampling sampling(Call.Generate call, Member member, boolean alone) {
    Sampling sampling = Wire.changed(request.sampling(), call.change(), member.getSampling());
    boolean first = !seeds.containsKey(call.member());
    SplittableRandom random =
        seeds.computeIfAbsent(
            call.member(),
            _ -> new SplittableRandom(sampling.getSeed() ^ fnv1a(RecipeRequest.name(member))));
    long drawn = random.nextLong();
    boolean kept = alone && first && call.prompt() instanceof Prompt.AsAsked;
    return kept || !sampling.hasSeed() ? sampling : sampling.toBuilder().setSeed(drawn).build();
  }

  private static long fnv1a(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  private static Outcome scored(Entry entry, Member member, ScoreResponse response) {
    return new Outcome.Scored(
        entry.asked,
        response.getScoresList().stream().map(CallPreparation::score).toList(),
        read(member, response.getPromptTokens(), false),
        entry.seconds());
  }

  private static Episode.TextScore score(TextScore score) {
    return new Episode.TextScore(
        score.getSumLogprob(),
        score.getTokensList().stream().map(TokenLogprob::getLogprob).toList());
  }

  private Outcome embedded(Entry entry, Call.Embed call, EmbedResponse response) {
    boolean platform = call.member() == Call.PLATFORM;
    return new Outcome.Embedded(
        entry.asked,
        response.getEmbeddingsList().stream().map(CallPreparation::vector).toList(),
        platform
            ? Spent.getDefaultInstance()
            : read(
                request.members().get(call.member()),
                response.getPromptTokens(),
                response.getEstimated()),
        entry.seconds());
  }

  private static float[] vector(Embedding embedding) {
    var vector = new float[embedding.getValuesCount()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = embedding.getValues(i);
    }
    return vector;
  }

  private static Spent read(Member member, long tokens, boolean estimated) {
    Usage usage = Usage.newBuilder().setPromptTokens(tokens).setEstimated(estimated).build();
    return Spent.newBuilder()
        .setUsage(usage)
        .setCostUsd(Usages.usd(member.getPrices(), usage))
        .build();
  }
}
