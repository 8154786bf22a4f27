package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.type.v1.Prices;
import java.util.SequencedMap;

/** Sums of what was read and written, and what it costs. */
public final class Usages {

  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final double MILLION = 1e6;

  private Usages() {}

  /** Tokens that text of this length may have: one for four characters, rounded up. */
  public static long tokens(long characters) {
    return Math.ceilDiv(characters, CHARACTERS_PER_TOKEN);
  }

  /** Characters of a text, each counted once whatever its form in memory. */
  public static long characters(String text) {
    return text.codePointCount(0, text.length());
  }

  /** US dollars for these tokens at these prices. */
  public static double usd(Prices prices, Usage usage) {
    double cached =
        prices.hasUsdPerMillionCachedPromptTokens()
            ? prices.getUsdPerMillionCachedPromptTokens()
            : prices.getUsdPerMillionPromptTokens();
    return ((usage.getPromptTokens() - usage.getCachedPromptTokens())
                * prices.getUsdPerMillionPromptTokens()
            + usage.getCachedPromptTokens() * cached
            + usage.getCompletionTokens() * prices.getUsdPerMillionCompletionTokens())
        / MILLION;
  }

  /** Both together, estimated where one of them is; without the members' own. */
  public static Usage sum(Usage one, Usage other) {
    return Usage.newBuilder()
        .setPromptTokens(sum(one.getPromptTokens(), other.getPromptTokens()))
        .setCompletionTokens(sum(one.getCompletionTokens(), other.getCompletionTokens()))
        .setCachedPromptTokens(sum(one.getCachedPromptTokens(), other.getCachedPromptTokens()))
        .setReasoningTokens(sum(one.getReasoningTokens(), other.getReasoningTokens()))
        .setAudioPromptTokens(sum(one.getAudioPromptTokens(), other.getAudioPromptTokens()))
        .setAudioCompletionTokens(
            sum(one.getAudioCompletionTokens(), other.getAudioCompletionTokens()))
        .setEstimated(one.getEstimated() || other.getEstimated())
        .build();
  }

  private static long sum(long one, long other) {
    long sum = one + other;
    // What does not fit is as much as fits, not a negative number.
    return sum < 0 && one >= 0 && other >= 0 ? Long.MAX_VALUE : sum;
  }

  /** What one member read, wrote and cost. */
  public static MemberUsage member(String name, Spent spent) {
    Usage its = spent.getUsage();
    return MemberUsage.newBuilder()
        .setMember(name)
        .setPromptTokens(its.getPromptTokens())
        .setCompletionTokens(its.getCompletionTokens())
        .setCachedPromptTokens(its.getCachedPromptTokens())
        .setReasoningTokens(its.getReasoningTokens())
        .setAudioPromptTokens(its.getAudioPromptTokens())
        .setAudioCompletionTokens(its.getAudioCompletionTokens())
        .setCostUsd(spent.getCostUsd())
        .build();
  }

  /** Whether anything was used. */
  public static boolean isSomething(Spent spent) {
    return !spent.equals(Spent.getDefaultInstance());
  }

  /**
   * What members used together, and each by itself; those that used nothing are left out, and where
   * nobody used anything it is empty.
   */
  public static Spent total(SequencedMap<String, Spent> members) {
    Usage all = Usage.getDefaultInstance();
    double usd = 0;
    for (Spent its : members.values()) {
      all = sum(all, its.getUsage());
      usd += its.getCostUsd();
    }
    Usage.Builder usage = all.toBuilder();
    members.forEach(
        (name, its) -> {
          if (isSomething(its)) {
            usage.addMembers(member(name, its));
          }
        });
    return usage.getMembersCount() == 0
        ? Spent.getDefaultInstance()
        : Spent.newBuilder().setUsage(usage).setCostUsd(usd).build();
  }
}
