package dev.tutti.registry;

import dev.tutti.method.v1.Violation;
import java.util.ArrayList;
import java.util.List;

/** Served ensembles that have an entry as a member must still be right after it changes. */
final class UsersCheck {

  private UsersCheck() {}

  /**
   * Holds every served ensemble that uses the entry against its method.
   *
   * @param field of the entry that changes what it can do
   * @param entry as it will be
   * @param changed everything that is registered, the entry as it will be
   * @throws RefusedException ({@link Refusal.InUse}) that names those which would no longer work
   */
  static void requireContent(
      String field, Entry entry, RegistryState changed, Neighbours neighbours) {
    var errors = new ArrayList<FieldError>();
    var names = new ArrayList<String>();
    for (Ensemble user : changed.users(entry.name())) {
      if (!user.served()) {
        continue;
      }
      List<Violation> violations =
          neighbours.validate(user.family(), Contracts.recipe(user, changed));
      if (!violations.isEmpty()) {
        names.add("'" + user.name() + "'");
      }
      for (Violation violation : violations) {
        errors.add(
            new FieldError(
                field,
                "Ensemble '%s', %s: %s"
                    .formatted(user.name(), violation.getField(), violation.getDescription())));
      }
    }
    if (!errors.isEmpty()) {
      throw new Refusal.InUse(
              "'%s' is used by %s, which would no longer work."
                  .formatted(entry.name(), String.join(", ", names)),
              errors)
          .exception();
    }
  }
}
