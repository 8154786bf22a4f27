package dev.tutti.cascade.learning;

import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.kit.calls.Turn;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.type.v1.Prices;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Whom router-service knows by which names, and what asking them costs at most. Immutable. */
final class MemberPrices {

  /** Tokens that stand around the prompt, and around each of its messages, at most. */
  private static final int FRAME = 64;

  private static final double MILLION = 1e6;

  /** By names and aliases; empty of an ensemble. */
  private final Map<String, Optional<Model>> known = new HashMap<>();

  private MemberPrices() {}

  /** Those of a registry; retired ones are not asked. */
  static MemberPrices of(Snapshot snapshot) {
    var prices = new MemberPrices();
    for (Ensemble ensemble : snapshot.getEnsemblesList()) {
      if (ensemble.getLifecycle() != Lifecycle.LIFECYCLE_RETIRED) {
        prices.known.put(ensemble.getName(), Optional.empty());
        ensemble.getAliasesList().forEach(alias -> prices.known.put(alias, Optional.empty()));
      }
    }
    for (Model model : snapshot.getModelsList()) {
      if (model.getLifecycle() != Lifecycle.LIFECYCLE_RETIRED) {
        prices.known.put(model.getName(), Optional.of(model));
        model.getAliasesList().forEach(alias -> prices.known.put(alias, Optional.of(model)));
      }
    }
    return prices;
  }

  /** The names among these that nobody has. */
  List<String> unknown(List<String> members) {
    return members.stream().filter(member -> !known.containsKey(member)).toList();
  }

  /**
   * What a call costs at most, US dollars: a prompt has no more tokens than bytes, but for those
   * around it, an answer no more than it may have, and neither more than fit in the context. Empty
   * of an ensemble, and of a name that nobody has.
   */
  OptionalDouble mostUsd(LiveCall call) {
    Optional<Model> model = known.getOrDefault(call.member(), Optional.empty());
    if (model.isEmpty()) {
      return OptionalDouble.empty();
    }
    long prompt = FRAME;
    for (Turn turn : call.turns()) {
      prompt += FRAME + turn.text().getBytes(StandardCharsets.UTF_8).length;
    }
    Model its = model.get();
    long most = its.getContextLength() > 0 ? its.getContextLength() : Integer.MAX_VALUE;
    Prices prices = its.getPrices();
    double read =
        Math.max(
            prices.getUsdPerMillionPromptTokens(), prices.getUsdPerMillionCachedPromptTokens());
    return OptionalDouble.of(
        (Math.min(prompt, most) * read
                + Math.min(call.maxTokens(), most) * prices.getUsdPerMillionCompletionTokens())
            / MILLION);
  }
}
