package dev.tutti.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tutti.method.v1.Violation;
import dev.tutti.registry.v1.Lifecycle;
import java.util.List;

/** What an ensemble must fulfil to be registered. */
final class EnsembleAdmission {

  private static final int MOST_MEMBERS = 64;

  /** Seconds: nothing answers sooner; a day. */
  private static final double SHORTEST_LIMIT = 0.001;

  private static final double LONGEST_LIMIT = 86_400;

  private static final Ensemble.Sampling NOTHING = new Ensemble.Sampling(null, null, null);

  private EnsembleAdmission() {}

  /**
   * The ensemble as it will be registered.
   *
   * @param wanted as the registrant says it
   * @param current what is registered under its name; null for a new one
   * @param state everything that is registered
   * @throws RefusedException with the reason
   */
  static Ensemble admit(
      Ensemble wanted, Ensemble current, RegistryState state, Neighbours neighbours) {
    checkFields(wanted, current, state);
    Ensemble ensemble =
        named(wanted, state)
            .with(
                wanted.settings() == null
                    ? JsonNodeFactory.instance.objectNode()
                    : wanted.settings());
    if (ensemble.lifecycle() == null) {
      ensemble = ensemble.at(current == null ? Lifecycle.LIFECYCLE_DRAFT : current.lifecycle());
    }
    RegistryState changed = state.with(ensemble);
    checkMembers(ensemble, state);
    checkNesting(ensemble, changed);
    // Settings that cannot travel are refused before anybody is asked.
    Contracts.struct("settings", ensemble.settings());
    Ensemble resolved = ensemble.answeredBy(neighbours.method(ensemble.method()));
    checkRecipe(neighbours.validate(resolved.family(), Contracts.recipe(ensemble, changed)));
    // What an ensemble can do as a member follows from its family.
    if (current != null && current.family() != resolved.family()) {
      UsersCheck.requireContent("method", resolved, state.with(resolved), neighbours);
    }
    return resolved;
  }

  /** Its members by their own names: an alias may be somebody else's tomorrow. */
  private static Ensemble named(Ensemble wanted, RegistryState state) {
    return wanted.with(
        wanted.members().stream()
            .map(m -> m.named(state.find(m.ref()).map(Entry::name).orElse(m.ref())))
            .toList());
  }

  private static void checkFields(Ensemble wanted, Ensemble current, RegistryState state) {
    var checks = new FieldChecks();
    checks.common(wanted, current);
    checks.aliases(wanted, state);
    if (wanted.method() == null || !Names.isName(wanted.method())) {
      checks.wrong(
          "method",
          wanted.method() == null
              ? "method is required; GET /api/v1/methods tells which there are."
              : "'%s' is no method's name; GET /api/v1/methods tells which there are."
                  .formatted(FieldChecks.shown(wanted.method())));
    }
    if (wanted.settings() != null && holdsNul(wanted.settings())) {
      checks.wrong("settings", "settings hold a NUL character.");
    }
    if (wanted.budget() != null) {
      Double request = wanted.budget().usdPerRequest();
      Double day = wanted.budget().usdPerDay();
      if (request == null && day == null) {
        checks.wrong("budget", "A budget has usd_per_request, usd_per_day, or both.");
      }
      if (request != null) {
        checks.positive("budget.usd_per_request", request);
      }
      if (day != null) {
        checks.positive("budget.usd_per_day", day);
      }
    }
    Double limit = wanted.timeLimitSeconds();
    if (limit != null && !(limit >= SHORTEST_LIMIT && limit <= LONGEST_LIMIT)) {
      checks.wrong(
          "time_limit_seconds",
          "time_limit_seconds is %s; %s to %s are allowed."
              .formatted(limit, SHORTEST_LIMIT, LONGEST_LIMIT));
    }
    checks.readOnly("family", wanted.family(), current == null ? null : current.family());
    checks.readOnly("rewrites", wanted.rewrites(), current == null ? null : current.rewrites());
    List<Ensemble.Member> members = wanted.members();
    if (members == null || members.isEmpty() || members.size() > MOST_MEMBERS) {
      checks.wrong(
          "members",
          members == null
              ? "members is required: 1 to %d of them.".formatted(MOST_MEMBERS)
              : "There are %d members; 1 to %d are allowed."
                  .formatted(members.size(), MOST_MEMBERS));
      checks.refuse();
    }
    for (int i = 0; i < members.size(); i++) {
      checkMember("members[%d]".formatted(i), members.get(i), checks);
    }
    checks.refuse();
  }

  private static void checkMember(String field, Ensemble.Member member, FieldChecks checks) {
    if (member == null || (member.model() == null) == (member.ensemble() == null)) {
      checks.wrong(field, "A member names exactly one of model and ensemble.");
      return;
    }
    if (!Names.isName(member.ref())) {
      checks.wrong(
          field + "." + member.kind().word(),
          "'%s' is no name of a %s."
              .formatted(FieldChecks.shown(member.ref()), member.kind().word()));
    }
    if (member.weight() != null) {
      checks.positive(field + ".weight", member.weight());
    }
    if (member.as() != null && member.as().isBlank()) {
      checks.wrong(field + ".as", "as is empty; leave it out for the member's own name.");
    }
    checks.text(field + ".as", member.as(), Names.LONGEST, false);
    if (member.role() != null && member.role().isBlank()) {
      checks.wrong(field + ".role", "role is empty; leave it out for the method's usual one.");
    }
    checks.text(field + ".role", member.role(), Ensemble.Member.LONGEST_ROLE, false);
    if (NOTHING.equals(member.sampling())) {
      checks.wrong(
          field + ".sampling", "sampling has temperature, top_p, or n; leave it out otherwise.");
    }
  }

  private static void checkMembers(Ensemble ensemble, RegistryState state) {
    var checks = new FieldChecks();
    for (int i = 0; i < ensemble.members().size(); i++) {
      Ensemble.Member member = ensemble.members().get(i);
      String field = "members[%d]".formatted(i);
      Entry entry = state.find(member.ref()).orElse(null);
      if (member.ensemble() != null && member.ensemble().equals(ensemble.name())) {
        checks.wrong(field, "A cycle: %1$s -> %1$s.".formatted(ensemble.name()));
      } else if (entry == null) {
        checks.wrong(field, "There is no %s '%s'.".formatted(member.kind().word(), member.ref()));
      } else if (entry.kind() != member.kind()) {
        checks.wrong(
            field,
            "'%s' is registered as %s, not as %s: write {\"%s\": \"%s\"}."
                .formatted(
                    member.ref(),
                    entry.kind().word(),
                    member.kind().word(),
                    entry.kind().word(),
                    member.ref()));
      } else if (entry.lifecycle() == Lifecycle.LIFECYCLE_RETIRED) {
        checks.wrong(field, "'%s' is retired.".formatted(member.ref()));
      } else if (entry.lifecycle() == Lifecycle.LIFECYCLE_DRAFT && ensemble.served()) {
        checks.wrong(
            field,
            "'%s' is a draft; the members of an ensemble that is %s must be active."
                .formatted(member.ref(), ContractEnums.word(ensemble.lifecycle())));
      }
    }
    checks.refuse();
  }

  private static void checkNesting(Ensemble ensemble, RegistryState changed) {
    Nesting.cycle(changed, ensemble.name())
        .ifPresent(
            path -> {
              throw Refusal.invalid("members", "A cycle: " + String.join(" -> ", path) + ".");
            });
    List<String> chain = Nesting.longestChain(changed, ensemble.name());
    if (chain.size() > Nesting.DEEPEST) {
      throw Refusal.invalid(
          "members",
          "Ensembles are nested %d deep, %s; at most %d are allowed."
              .formatted(chain.size(), String.join(" -> ", chain), Nesting.DEEPEST));
    }
  }

  private static void checkRecipe(List<Violation> violations) {
    if (!violations.isEmpty()) {
      throw new Refusal.Invalid(
              violations.stream()
                  .map(v -> new FieldError(v.getField(), v.getDescription()))
                  .toList())
          .exception();
    }
  }

  /** PostgreSQL stores no NUL character in JSON. */
  private static boolean holdsNul(JsonNode node) {
    if (node.isTextual()) {
      return node.textValue().indexOf('\0') >= 0;
    }
    return node.propertyStream()
            .anyMatch(p -> p.getKey().indexOf('\0') >= 0 || holdsNul(p.getValue()))
        || (node.isArray() && node.valueStream().anyMatch(EnsembleAdmission::holdsNul));
  }
}
