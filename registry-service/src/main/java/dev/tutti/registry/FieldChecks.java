package dev.tutti.registry;

import dev.tutti.registry.v1.Lifecycle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Collects everything that is wrong with the fields of one entry. Confined to one thread. */
final class FieldChecks {

  private static final int LONGEST_DESCRIPTION = 2000;
  private static final int MOST_ALIASES = 16;

  private final List<FieldError> errors = new ArrayList<>();

  void wrong(String field, String detail) {
    errors.add(new FieldError(field, detail));
  }

  /**
   * What entries of both kinds have in common.
   *
   * @param current what is registered under its name; null for a new one
   */
  void common(Entry wanted, Entry current) {
    if (wanted.name() == null) {
      wrong("name", "name is required.");
    } else if (!Names.isName(wanted.name())) {
      wrong("name", "'%s' is no name: %s.".formatted(shown(wanted.name()), Names.RULE));
    }
    text("description", wanted.description(), LONGEST_DESCRIPTION, true);
    if (current == null
        && wanted.lifecycle() != null
        && wanted.lifecycle() != Lifecycle.LIFECYCLE_DRAFT
        && wanted.lifecycle() != Lifecycle.LIFECYCLE_ACTIVE) {
      wrong(
          "lifecycle",
          "lifecycle is %s; a new entry is draft or active."
              .formatted(ContractEnums.word(wanted.lifecycle())));
    }
    readOnly("version", wanted.version(), current == null ? null : current.version());
    readOnly("created_at", wanted.createdAt(), current == null ? null : current.createdAt());
    readOnly("updated_at", wanted.updatedAt(), current == null ? null : current.updatedAt());
  }

  /**
   * Aliases are names too, and nobody else's.
   *
   * @param state everything that is registered
   */
  void aliases(Entry wanted, RegistryState state) {
    List<String> aliases = wanted.aliases() == null ? List.of() : wanted.aliases();
    if (aliases.size() > MOST_ALIASES) {
      wrong(
          "aliases",
          "There are %d aliases; at most %d are allowed.".formatted(aliases.size(), MOST_ALIASES));
      return;
    }
    for (int i = 0; i < aliases.size(); i++) {
      String alias = aliases.get(i);
      String field = "aliases[%d]".formatted(i);
      if (alias == null || !Names.isName(alias)) {
        wrong(field, "'%s' is no name: %s.".formatted(shown("" + alias), Names.RULE));
      } else if (alias.equals(wanted.name()) || aliases.indexOf(alias) < i) {
        wrong(field, "'%s' is there twice.".formatted(alias));
      } else {
        state
            .holder(alias)
            .filter(other -> !other.name().equals(wanted.name()))
            .ifPresent(other -> wrong(field, taken(alias, other)));
      }
    }
  }

  /** Says who has a name already. */
  static String taken(String name, Entry holder) {
    String whose = holder.kind() == Kind.MODEL ? "a model" : "an ensemble";
    return holder.name().equals(name)
        ? "There is %s '%s' already; names are unique over models and ensembles."
            .formatted(whose, name)
        : "'%s' is an alias of %s already, of '%s'; names are unique over models and ensembles."
            .formatted(name, whose, holder.name());
  }

  /** A field of the registry's own may be sent back as it was read, and nothing else. */
  void readOnly(String field, Object given, Object current) {
    if (given != null && !Objects.equals(given, current)) {
      wrong(field, field + " is set by the registry; leave it out.");
    }
  }

  /** A field that only entries of another kind have. */
  void absent(String field, Object given, String of) {
    if (given != null) {
      wrong(field, "%s is for %s only; leave it out.".formatted(field, of));
    }
  }

  void required(String field, Object given) {
    if (given == null) {
      wrong(field, field + " is required.");
    }
  }

  /** Optional text without control characters. */
  void text(String field, String given, int longest, boolean linesAllowed) {
    if (given == null) {
      return;
    }
    if (given.length() > longest) {
      wrong(
          field,
          "%s has %d characters; at most %d are allowed."
              .formatted(field, given.length(), longest));
    }
    if (given
        .chars()
        .anyMatch(c -> Character.isISOControl(c) && !(linesAllowed && (c == '\n' || c == '\t')))) {
      wrong(field, field + " holds a control character.");
    }
  }

  void price(String field, Double given) {
    if (given == null) {
      wrong(field, field + " is required; 0 means free.");
    } else if (!(given >= 0) || given.isInfinite()) {
      wrong(field, "%s is %s; it must be at least 0 and finite.".formatted(field, given));
    }
  }

  void positive(String field, Double given) {
    if (!(given > 0) || given.isInfinite()) {
      wrong(field, "%s is %s; it must be above 0 and finite.".formatted(field, given));
    }
  }

  /** Refuses the entry with everything that was found. */
  void refuse() {
    if (!errors.isEmpty()) {
      throw new Refusal.Invalid(List.copyOf(errors)).exception();
    }
  }

  /** The start of a text of any length. */
  static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
