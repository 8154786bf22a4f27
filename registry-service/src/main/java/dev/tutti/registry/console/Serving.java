package dev.tutti.registry.console;

import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Contracts;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.MethodList.Role;
import dev.tutti.type.v1.Capability;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether something could be a member of a method's ensemble, by what the method tells of itself.
 * The last word is the method's own, when the ensemble is checked.
 */
final class Serving {

  private Serving() {}

  /** Why it can be no member, in whichever role; null where it can. */
  static String obstacle(Method method, Entry entry) {
    if (entry.kind() == Kind.ENSEMBLE && !method.nestable()) {
      return "%s takes no ensembles as members".formatted(method.name());
    }
    String lacks = lacks(entry, method.needs());
    if (lacks != null || method.roles().isEmpty()) {
      return lacks;
    }
    List<String> lacking =
        method.roles().stream().map(role -> obstacle(method, role, entry)).toList();
    return lacking.contains(null) ? null : String.join("; ", lacking);
  }

  /** Why it cannot have this role; null where it can. */
  static String obstacle(Method method, Role role, Entry entry) {
    var needs = new TreeSet<>(method.needs());
    needs.addAll(role.needs());
    String lacks = lacks(entry, needs);
    return lacks == null ? null : "%s: %s".formatted(role.name(), lacks);
  }

  private static String lacks(Entry entry, Collection<Capability> needs) {
    var lacking = new TreeSet<>(MethodCatalog.lacking(needs, Contracts.capabilities(entry)));
    return lacking.isEmpty()
        ? null
        : "lacks " + lacking.stream().map(ContractEnums::word).collect(Collectors.joining(", "));
  }
}
