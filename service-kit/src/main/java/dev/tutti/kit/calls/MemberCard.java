package dev.tutti.kit.calls;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is known of a member before it is asked.
 *
 * @param name its name
 * @param knownAs the name by which datasets, and what was fitted to them, know it
 * @param role its role in the ensemble; empty where the method has none
 * @param prior its weight within the ensemble, above 0 and finite; 1 where the recipe gives none
 * @param usdPerMillionPromptTokens at least 0
 * @param usdPerMillionCompletionTokens at least 0
 * @param contextLength longest prompt plus completion, tokens; empty where nobody tells
 * @param parameters number of parameters; empty where nobody tells
 * @param samples how many answers it gives by the recipe, 1 to {@link Call#MOST}; empty where the
 *     method says it
 * @param expectedUsd what one answer of it to the request as it was asked is expected to cost, US
 *     dollars
 */
public record MemberCard(
    String name,
    String knownAs,
    String role,
    double prior,
    double usdPerMillionPromptTokens,
    double usdPerMillionCompletionTokens,
    OptionalInt contextLength,
    OptionalLong parameters,
    OptionalInt samples,
    double expectedUsd) {

  /** One of which nothing is known but its name and weight. */
  public static MemberCard of(String name, double prior) {
    return new MemberCard(
        name,
        name,
        "",
        prior,
        0,
        0,
        OptionalInt.empty(),
        OptionalLong.empty(),
        OptionalInt.empty(),
        0);
  }

  /** The same, in this role. */
  public MemberCard as(String other) {
    return new MemberCard(
        name,
        knownAs,
        other,
        prior,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        contextLength,
        parameters,
        samples,
        expectedUsd);
  }

  /** The same, with what one answer of it is expected to cost, US dollars. */
  public MemberCard costing(double usd) {
    return new MemberCard(
        name,
        knownAs,
        role,
        prior,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        contextLength,
        parameters,
        samples,
        usd);
  }
}
