package dev.tutti.kit.settings;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The methods of one service by name. Immutable.
 *
 * @param <M> the family's interface
 */
public final class MethodCatalog<M> {

  /** What a method may need that is asked of no member: of the prompt, and what people say. */
  public static final Set<Capability> GIVEN_BY_THE_PLATFORM =
      Set.of(Capability.CAPABILITY_EMBEDDING, Capability.CAPABILITY_FEEDBACK);

  private final SortedMap<String, MethodDefinition<M>> methods = new TreeMap<>();

  private MethodCatalog(List<MethodDefinition<M>> definitions) {
    for (MethodDefinition<M> definition : definitions) {
      if (methods.put(definition.name(), definition) != null) {
        throw new IllegalStateException("Two methods are called " + definition.name());
      }
    }
  }

  /** A catalog of these methods. */
  @SafeVarargs
  // They are read only.
  @SuppressWarnings("varargs")
  public static <M> MethodCatalog<M> of(MethodDefinition<M>... definitions) {
    return new MethodCatalog<>(List.of(definitions));
  }

  /** A catalog of these methods. */
  public static <M> MethodCatalog<M> of(List<MethodDefinition<M>> definitions) {
    return new MethodCatalog<>(definitions);
  }

  /**
   * A catalog of these methods, which all have some settings in common.
   *
   * @param defaults the record of those settings with the defaults; their service reads them itself
   */
  @SafeVarargs
  // They are read only.
  @SuppressWarnings("varargs")
  public static <M, S extends Record> MethodCatalog<M> sharing(
      S defaults, MethodDefinition<M>... definitions) {
    SettingsSchema<S> schema = SettingsSchema.of(defaults);
    return new MethodCatalog<>(
        Stream.of(definitions).map(definition -> definition.sharing(schema)).toList());
  }

  /** All methods, by name. */
  public List<MethodDefinition<M>> definitions() {
    return List.copyOf(methods.values());
  }

  /** The method of this name. */
  public Optional<MethodDefinition<M>> find(String name) {
    return Optional.ofNullable(methods.get(name));
  }

  /** As {@code MethodService.List} tells it. */
  public List<MethodDescription> describe() {
    return methods.values().stream().map(MethodDefinition::describe).toList();
  }

  /** Everything that is wrong with a recipe; empty when it is good. */
  public List<Violation> validate(Recipe recipe) {
    var violations = new ArrayList<Violation>();
    MethodDefinition<M> method = methods.get(recipe.getMethod());
    if (method == null) {
      violations.add(
          violation(
              "method",
              "Unknown method '%s'; known: %s."
                  .formatted(recipe.getMethod(), String.join(", ", methods.keySet()))));
      return violations;
    }
    int count = recipe.getMembersCount();
    if (count < method.members().least() || count > method.members().most()) {
      violations.add(
          violation(
              "members",
              "%s takes %d to %d members; there are %d."
                  .formatted(
                      method.name(), method.members().least(), method.members().most(), count)));
    }
    checkMembers(recipe, method, violations);
    checkRoles(recipe, method, violations);
    try {
      method.factory().create(recipe.getSettings(), recipe.getMembersList());
    } catch (SettingsException e) {
      violations.add(
          violation(
              e.setting().isEmpty() ? "settings" : "settings." + e.setting(), e.getMessage()));
    } catch (IllegalArgumentException e) {
      violations.add(violation("settings", e.getMessage()));
    }
    return List.copyOf(violations);
  }

  /**
   * The method that a recipe names, with the recipe's settings.
   *
   * @throws FailureException ({@link Failure.InvalidArgument}) with the first violation
   */
  public M create(Recipe recipe) {
    List<Violation> violations = validate(recipe);
    if (!violations.isEmpty()) {
      throw new Failure.InvalidArgument(
              "recipe." + violations.getFirst().getField(),
              "INVALID_RECIPE",
              violations.getFirst().getDescription())
          .exception();
    }
    return methods
        .get(recipe.getMethod())
        .factory()
        .create(recipe.getSettings(), recipe.getMembersList());
  }

  private void checkMembers(Recipe recipe, MethodDefinition<M> method, List<Violation> violations) {
    // A chain may come to the same member again; what was learned knows each by one column.
    boolean again = method.family() == Family.FAMILY_CASCADE && method.fit().isEmpty();
    var names = new HashSet<String>();
    var known = new HashMap<String, String>();
    for (int i = 0; i < recipe.getMembersCount(); i++) {
      Member member = recipe.getMembers(i);
      String field = "members[%d]".formatted(i);
      String name = member.hasEnsemble() ? member.getEnsemble() : member.getModel();
      if (name.isEmpty()) {
        violations.add(violation(field, "A member names a model or an ensemble."));
      } else if (!names.add(name) && !again) {
        violations.add(violation(field, "'%s' is a member twice.".formatted(name)));
      } else if (!name.equals(known.computeIfAbsent(RecipeRequest.knownAs(member), _ -> name))) {
        violations.add(
            violation(
                field + ".as",
                "Two members are known as '%s' to datasets; give each a name of its own by as."
                    .formatted(RecipeRequest.knownAs(member))));
      }
      if (member.hasWeight() && !(member.getWeight() > 0 && Double.isFinite(member.getWeight()))) {
        violations.add(
            violation(
                field + ".weight",
                "weight is %s; it must be above 0 and finite.".formatted(member.getWeight())));
      }
      if (member.hasEnsemble() && !method.nestable()) {
        violations.add(
            violation(
                field,
                "'%s' is an ensemble; %s takes models only.".formatted(name, method.name())));
        continue;
      }
      lack(recipe, i, method).ifPresent(violations::add);
      OwnSampling.wrong(recipe, i, method).ifPresent(violations::add);
    }
  }

  /**
   * What members of a recipe lack that its method needs of them, one violation a member.
   *
   * @param recipe of a method that there is
   */
  public List<Violation> lacks(Recipe recipe) {
    MethodDefinition<M> method = methods.get(recipe.getMethod());
    return IntStream.range(0, recipe.getMembersCount())
        .mapToObj(i -> lack(recipe, i, method))
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * What of the needs of a method somebody lacks who can do no more than that. Nobody lacks what
   * the platform gives.
   */
  public static Set<Capability> lacking(
      Collection<Capability> needs, Collection<Capability> abilities) {
    var lacking = new LinkedHashSet<>(needs);
    lacking.removeAll(GIVEN_BY_THE_PLATFORM);
    lacking.removeAll(abilities);
    if (abilities.contains(Capability.CAPABILITY_FULL_DISTRIBUTION)) {
      // A whole distribution holds the most probable tokens too.
      lacking.remove(Capability.CAPABILITY_TOP_LOGPROBS);
    }
    return lacking;
  }

  private static Optional<Violation> lack(Recipe recipe, int i, MethodDefinition<?> method) {
    Member member = recipe.getMembers(i);
    Set<Capability> lacking =
        lacking(
            method.needs(recipe, i),
            member.getCapabilitiesList().stream()
                .filter(has -> !member.hasEnsemble() || has != Capability.CAPABILITY_SCORING)
                .toList());
    return lacking.isEmpty()
        ? Optional.empty()
        : Optional.of(
            violation(
                "members[%d]".formatted(i),
                "'%s' lacks %s, which %s needs."
                    .formatted(
                        member.hasEnsemble() ? member.getEnsemble() : member.getModel(),
                        shown(lacking),
                        method.name())));
  }

  private static void checkRoles(
      Recipe recipe, MethodDefinition<?> method, List<Violation> violations) {
    List<String> known = method.roles().stream().map(MethodRole::name).toList();
    String allowed = known.isEmpty() ? "none" : String.join(", ", known);
    for (int i = 0; i < recipe.getMembersCount(); i++) {
      String role = method.role(recipe, i);
      if (known.isEmpty() ? !role.isEmpty() : !known.contains(role)) {
        violations.add(
            violation(
                "members[%d].role".formatted(i),
                "role is '%s'; %s has: %s.".formatted(role, method.name(), allowed)));
      } else if (!method.mayHave(role, recipe, i)) {
        violations.add(
            violation(
                "members[%d].role".formatted(i),
                "role is '%s', which a member of %s has by its place; this one has: %s."
                    .formatted(role, method.name(), method.roleOfPlace(recipe, i))));
      }
    }
    for (MethodRole role : method.roles()) {
      long count =
          IntStream.range(0, recipe.getMembersCount())
              .filter(i -> method.role(recipe, i).equals(role.name()))
              .count();
      if (count < role.members().least() || count > role.members().most()) {
        violations.add(
            violation(
                "members",
                "%s takes %d to %d members with the role %s; there are %d."
                    .formatted(
                        method.name(),
                        role.members().least(),
                        role.members().most(),
                        role.name(),
                        count)));
      }
    }
  }

  private static String shown(Collection<Capability> capabilities) {
    return capabilities.stream()
        .sorted()
        .map(c -> c.name().substring("CAPABILITY_".length()))
        .collect(Collectors.joining(", "));
  }

  static Violation violation(String field, String description) {
    return Violation.newBuilder().setField(field).setDescription(description).build();
  }
}
