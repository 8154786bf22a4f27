package dev.tutti.router.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tutti.router.answer.ServedNames;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Locale;

/**
 * A name that may stand in {@code model}: OpenAI's fields, and further ones.
 *
 * @param created when it was registered, seconds since 1970; 0 for what needs no registration
 * @param root its own name, where {@code id} is an alias
 * @param modality chat, embedding, or judge for what only scores
 * @param contextLength longest prompt plus completion, tokens; absent where it is not known, and
 *     for ensembles
 * @param capabilities what it can do; of an ensemble what it gives as a member
 * @param prices of a model; what an ensemble costs is its members'
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ListedModel(
    String id,
    String object,
    long created,
    @JsonProperty("owned_by") String ownedBy,
    String root,
    String modality,
    @JsonProperty("context_length") Integer contextLength,
    List<String> capabilities,
    Prices prices) {

  /**
   * US dollars per million tokens.
   *
   * @param cached of prompt tokens that an endpoint had in its cache; absent for the price of
   *     others
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Prices(
      @JsonProperty("usd_per_million_prompt_tokens") double prompt,
      @JsonProperty("usd_per_million_cached_prompt_tokens") Double cached,
      @JsonProperty("usd_per_million_completion_tokens") double completion) {

    static Prices of(dev.tutti.type.v1.Prices prices) {
      return new Prices(
          prices.getUsdPerMillionPromptTokens(),
          prices.hasUsdPerMillionCachedPromptTokens()
              ? prices.getUsdPerMillionCachedPromptTokens()
              : null,
          prices.getUsdPerMillionCompletionTokens());
    }
  }

  static ListedModel of(ServedNames.Served served) {
    List<Capability> can = served.capabilities();
    return new ListedModel(
        served.called(),
        "model",
        served.created(),
        "tutti",
        served.own(),
        modality(can),
        served.contextLength().isPresent() ? served.contextLength().getAsInt() : null,
        words(can),
        served.prices().map(Prices::of).orElse(null));
  }

  private static String modality(List<Capability> can) {
    if (can.isEmpty() || can.contains(Capability.CAPABILITY_GENERATION)) {
      return "chat";
    }
    return can.contains(Capability.CAPABILITY_EMBEDDING) ? "embedding" : "judge";
  }

  private static List<String> words(List<Capability> can) {
    return can.stream()
        .map(c -> c.name().substring("CAPABILITY_".length()).toLowerCase(Locale.ROOT))
        .toList();
  }
}
