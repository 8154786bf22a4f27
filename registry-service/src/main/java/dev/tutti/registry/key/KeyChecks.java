package dev.tutti.registry.key;

import dev.tutti.registry.FieldError;
import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.v1.KeyScope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Collects everything that is wrong with a team or a key. Confined to one thread. */
final class KeyChecks {

  private static final int LONGEST_NAME = 128;
  private static final int LONGEST_DESCRIPTION = 2_000;
  private static final int MOST_MODELS = 256;
  private static final long MOST_PER_MINUTE = 1_000_000_000_000L;
  private static final double MOST_USD = 1e9;
  private static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

  private final List<FieldError> errors = new ArrayList<>();

  /** Refuses a team that cannot be. */
  static void require(Team team) {
    var checks = new KeyChecks();
    if (team.name() == null) {
      checks.wrong("name", "name is required.");
    } else if (!Team.isName(team.name())) {
      checks.wrong("name", "'%s' is no team: %s.".formatted(shown(team.name()), Team.RULE));
    }
    checks.text("description", team.description(), LONGEST_DESCRIPTION);
    if (team.createdAt() != null) {
      checks.wrong("created_at", "created_at is set by the registry; leave it out.");
    }
    checks.refuse();
  }

  /**
   * Refuses a key that cannot be.
   *
   * @param before what it is so far; null for a new one
   * @return the same with the own names of what it may ask
   */
  static KeySettings require(KeySettings its, KeySettings before, RegistryStore store) {
    var checks = new KeyChecks();
    checks.team(its.team(), before);
    if (its.name() == null || its.name().isBlank()) {
      checks.wrong("name", "name is required.");
    }
    checks.text("name", its.name(), LONGEST_NAME);
    checks.scopes(its.scopes());
    List<String> models = checks.models(its.models(), store);
    checks.perMinute("requests_per_minute", its.requestsPerMinute());
    checks.perMinute("tokens_per_minute", its.tokensPerMinute());
    checks.usd("usd_per_day", its.usdPerDay(), "soft_usd_per_day", its.softUsdPerDay());
    checks.usd("usd_per_month", its.usdPerMonth(), "soft_usd_per_month", its.softUsdPerMonth());
    // One that is over already can be changed otherwise.
    boolean fresh = before == null || !Objects.equals(its.expiresAt(), before.expiresAt());
    if (its.expiresAt() != null
        && fresh
        && !(its.expiresAt().isAfter(Instant.now()) && its.expiresAt().isBefore(END))) {
      checks.wrong(
          "expires_at", "expires_at is %s; it must be in the future.".formatted(its.expiresAt()));
    }
    checks.refuse();
    return new KeySettings(
        its.team(),
        its.name(),
        its.scopes(),
        models,
        its.requestsPerMinute(),
        its.tokensPerMinute(),
        its.usdPerDay(),
        its.softUsdPerDay(),
        its.usdPerMonth(),
        its.softUsdPerMonth(),
        its.expiresAt());
  }

  private void team(String team, KeySettings before) {
    if (team == null) {
      wrong("team", "team is required.");
    } else if (before != null && !team.equals(before.team())) {
      wrong(
          "team",
          "team is '%s'; a key stays with its team, '%s'.".formatted(shown(team), before.team()));
    } else if (!Team.isName(team)) {
      wrong("team", "'%s' is no team: %s.".formatted(shown(team), Team.RULE));
    }
  }

  private void scopes(List<KeyScope> scopes) {
    if (scopes == null || scopes.isEmpty()) {
      wrong("scopes", "scopes is required: one or more of use, feedback, admin.");
      return;
    }
    var there = EnumSet.noneOf(KeyScope.class);
    for (int i = 0; i < scopes.size(); i++) {
      if (scopes.get(i) == null) {
        wrong("scopes[%d]".formatted(i), "A scope is null; allowed are use, feedback, admin.");
      } else if (!there.add(scopes.get(i))) {
        wrong("scopes[%d]".formatted(i), "This scope is there twice.");
      }
    }
  }

  private List<String> models(List<String> models, RegistryStore store) {
    if (models == null) {
      return null;
    }
    if (models.isEmpty() || models.size() > MOST_MODELS) {
      wrong(
          "models",
          "There are %d models; 1 to %d are allowed, and all may be asked where models is absent."
              .formatted(models.size(), MOST_MODELS));
      return models;
    }
    var own = new ArrayList<String>();
    for (int i = 0; i < models.size(); i++) {
      String name = models.get(i);
      String field = "models[%d]".formatted(i);
      Optional<String> its =
          name == null || !Names.isName(name) ? Optional.empty() : store.ownName(name);
      if (its.isEmpty()) {
        wrong(field, "There is no model or ensemble '%s'.".formatted(shown("" + name)));
      } else if (own.contains(its.get())) {
        wrong(field, "'%s' is there twice.".formatted(name));
      }
      own.add(its.orElse(name));
    }
    return own;
  }

  private void perMinute(String field, Long given) {
    if (given != null && !(given >= 1 && given <= MOST_PER_MINUTE)) {
      wrong(field, "%s is %d; it must be 1 to %d.".formatted(field, given, MOST_PER_MINUTE));
    }
  }

  private void usd(String hardField, Double hard, String softField, Double soft) {
    boolean bothFine = money(hardField, hard) & money(softField, soft);
    if (bothFine && hard != null && soft != null && soft > hard) {
      wrong(
          softField,
          "%s is %s; it must be at most %s, which is %s."
              .formatted(softField, soft, hardField, hard));
    }
  }

  private boolean money(String field, Double given) {
    if (given != null && !(given > 0 && given <= MOST_USD)) {
      wrong(field, "%s is %s; it must be above 0 and at most 1e9.".formatted(field, given));
      return false;
    }
    return true;
  }

  private void text(String field, String given, int longest) {
    if (given == null) {
      return;
    }
    if (given.length() > longest) {
      wrong(
          field,
          "%s has %d characters; at most %d are allowed."
              .formatted(field, given.length(), longest));
    }
    if (given.chars().anyMatch(Character::isISOControl)) {
      wrong(field, field + " holds a control character.");
    }
  }

  private void wrong(String field, String detail) {
    errors.add(new FieldError(field, detail));
  }

  private void refuse() {
    if (!errors.isEmpty()) {
      throw new Refusal.Invalid(List.copyOf(errors)).exception();
    }
  }

  static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
