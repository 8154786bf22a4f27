package dev.tutti.router.members;

import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Model;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What tokens of ensembles are expected to cost. Confined to one thread. */
final class ExpectedPrices {

  private final Map<String, Model> models;
  private final Map<String, Ensemble> ensembles;
  private final Map<String, Prices> expected = new HashMap<>();

  /** Over these, by name. */
  ExpectedPrices(Map<String, Model> models, Map<String, Ensemble> ensembles) {
    this.models = models;
    this.ensembles = ensembles;
  }

  /**
   * What a token of an ensemble is expected to cost over all answers of all of its members, those
   * that are ensembles among them: all are asked, but one of a routing ensemble.
   */
  Prices of(String name) {
    Prices known = expected.get(name);
    if (known != null) {
      return known;
    }
    // An ensemble within itself adds nothing.
    expected.put(name, Prices.getDefaultInstance());
    Ensemble ensemble = ensembles.get(name);
    double prompt = 0;
    double completion = 0;
    int members = 0;
    for (Member member : ensemble == null ? List.<Member>of() : ensemble.getMembersList()) {
      Prices its =
          member.hasEnsemble()
              ? of(member.getEnsemble())
              : models.getOrDefault(member.getModel(), Model.getDefaultInstance()).getPrices();
      int answers = Math.max(1, member.getSampling().getN());
      prompt += answers * its.getUsdPerMillionPromptTokens();
      completion += answers * its.getUsdPerMillionCompletionTokens();
      members++;
    }
    boolean one = ensemble != null && ensemble.getFamily() == Family.FAMILY_ROUTER;
    int asked = one ? Math.max(1, members) : 1;
    Prices prices =
        Prices.newBuilder()
            .setUsdPerMillionPromptTokens(prompt / asked)
            .setUsdPerMillionCompletionTokens(completion / asked)
            .build();
    expected.put(name, prices);
    return prices;
  }
}
