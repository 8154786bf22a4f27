package dev.tutti.kit.settings;

import com.google.protobuf.Struct;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.FitDescription;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.SettingDescription;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One line of a catalog: what a method is called, what it needs, and how it is made from its
 * settings.
 *
 * @param <M> the family's interface
 * @param name the field's own name in kebab-case
 * @param family where it works
 * @param summary what it does, in one line
 * @param paper authors, year, where to find it
 * @param needs what each member must be able to do; EMBEDDING and FEEDBACK are given by the
 *     platform
 * @param members how many members it takes
 * @param nestable whether an ensemble may be a member
 * @param roles that its members may have; empty where all are alike
 * @param type the class that is the method
 * @param schema of its settings
 * @param shared of the settings that it has in common with all methods of its service, which that
 *     one reads itself; empty where there are none
 * @param factory makes it from its settings
 * @param fit how it learns from a dataset; empty where it does not
 * @param rewrites whether what it gives may be written for another prompt than the request as it
 *     was asked: then a request that holds what is not interpreted (tools, response_format,
 *     pictures) is refused
 */
public record MethodDefinition<M>(
    String name,
    Family family,
    String summary,
    String paper,
    Set<Capability> needs,
    Members members,
    boolean nestable,
    List<MethodRole> roles,
    Class<? extends M> type,
    SettingsSchema<?> schema,
    Optional<SettingsSchema<?>> shared,
    SettingsFactory<M> factory,
    Optional<FitDescription> fit,
    boolean rewrites) {

  /** Keeps its own copy, and checks that at most one role is the usual one. */
  public MethodDefinition {
    roles = List.copyOf(roles);
    if (roles.stream().filter(MethodRole::usual).count() > 1) {
      throw new IllegalStateException(name + " has more than one usual role.");
    }
  }

  /**
   * How many members.
   *
   * @param least at least 1; of a role at least 0
   * @param most at most 64
   */
  public record Members(int least, int most) {

    /** So many, no more and no fewer. */
    public static Members exactly(int count) {
      return new Members(count, count);
    }

    /** From {@code least} on. */
    public static Members atLeast(int least) {
      return new Members(least, 64);
    }
  }

  /**
   * Parses settings and makes the method.
   *
   * @param <M> the family's interface
   */
  @FunctionalInterface
  public interface SettingsFactory<M> {

    /**
     * The method with these settings.
     *
     * @param members that it will have
     * @throws IllegalArgumentException (mostly {@link SettingsException}) on wrong settings
     */
    M create(Struct settings, List<Member> members);
  }

  /**
   * A method.
   *
   * @param defaults its settings' record with the defaults
   * @param constructor makes it from its settings
   */
  public static <M, S extends Record> MethodDefinition<M> of(
      String name,
      Family family,
      String summary,
      String paper,
      Set<Capability> needs,
      Members members,
      boolean nestable,
      Class<? extends M> type,
      S defaults,
      Function<S, ? extends M> constructor) {
    SettingsSchema<S> schema = SettingsSchema.of(defaults);
    return new MethodDefinition<>(
        name,
        family,
        summary,
        paper,
        needs,
        members,
        nestable,
        List.of(),
        type,
        schema,
        Optional.empty(),
        (struct, its) -> {
          S settings = schema.parse(struct);
          requireFit(settings, its);
          return constructor.apply(settings);
        },
        Optional.empty(),
        false);
  }

  private static void requireFit(Record settings, List<Member> members) {
    if (settings instanceof FitsMembers fits) {
      fits.requireFit(members.size());
      fits.requireWeights(members.stream().map(m -> m.hasWeight() ? m.getWeight() : 1.0).toList());
      fits.requireRoles(members.stream().map(Member::getRole).toList());
      fits.requireSamples(
          members.stream()
              .map(Member::getSampling)
              .map(its -> its.hasN() ? OptionalInt.of(its.getN()) : OptionalInt.empty())
              .toList());
    }
  }

  /** Whether members may say themselves how many answers they give. */
  boolean takesSamples() {
    return shared
        .map(common -> common.parseOwn(Struct.getDefaultInstance()))
        .map(defaults -> defaults instanceof FitsMembers fits && fits.takesSamples())
        .orElse(false);
  }

  /** Whether each member that writes is asked by itself, and so may be asked in its own way. */
  boolean asksEach() {
    return family == Family.FAMILY_FUSION || family == Family.FAMILY_CASCADE;
  }

  /** The same method, which learns from a dataset so. */
  public MethodDefinition<M> fittedAs(FitDescription description) {
    return new MethodDefinition<>(
        name,
        family,
        summary,
        paper,
        needs,
        members,
        nestable,
        roles,
        type,
        schema,
        shared,
        factory,
        Optional.of(description),
        rewrites);
  }

  /** The same method, whose members have these roles. */
  public MethodDefinition<M> with(MethodRole... its) {
    return new MethodDefinition<>(
        name,
        family,
        summary,
        paper,
        needs,
        members,
        nestable,
        List.of(its),
        type,
        schema,
        shared,
        factory,
        fit,
        rewrites);
  }

  /** The same method, which rewrites prompts. */
  public MethodDefinition<M> rewriting() {
    return new MethodDefinition<>(
        name, family, summary, paper, needs, members, nestable, roles, type, schema, shared,
        factory, fit, true);
  }

  /** The same method, which has these settings too; its service reads them itself. */
  public MethodDefinition<M> sharing(SettingsSchema<?> common) {
    return new MethodDefinition<>(
        name,
        family,
        summary,
        paper,
        needs,
        members,
        nestable,
        roles,
        type,
        schema,
        Optional.of(common),
        (struct, its) -> {
          requireFit(common.parseOwn(struct), its);
          Struct own = without(struct, common);
          requireKnown(own, common);
          return factory.create(own, its);
        },
        fit,
        rewrites);
  }

  private static Struct without(Struct struct, SettingsSchema<?> common) {
    Struct.Builder own = Struct.newBuilder();
    struct
        .getFieldsMap()
        .forEach(
            (setting, value) -> {
              if (!common.names().contains(setting)) {
                own.putFields(setting, value);
              }
            });
    return own.build();
  }

  /**
   * These settings with every name given, for a decision's inputs.
   *
   * @throws SettingsException on what is not allowed
   */
  public Struct complete(Struct struct) {
    if (shared.isEmpty()) {
      return schema.complete(struct);
    }
    Struct.Builder all = schema.complete(without(struct, shared.get())).toBuilder();
    return all.mergeFrom(completeOwn(shared.get(), struct)).build();
  }

  private static <S extends Record> Struct completeOwn(SettingsSchema<S> common, Struct struct) {
    return common.format(common.parseOwn(struct));
  }

  private void requireKnown(Struct own, SettingsSchema<?> common) {
    for (String setting : own.getFieldsMap().keySet()) {
      if (!schema.names().contains(setting)) {
        var known = new ArrayList<>(schema.names());
        known.addAll(common.names());
        throw SettingsException.unknown(setting, known);
      }
    }
  }

  /** What each of its settings is, those that it shares with others last. */
  public List<SettingDescription> settings() {
    var all = new ArrayList<>(schema.describe());
    shared.ifPresent(common -> all.addAll(common.describe()));
    return List.copyOf(all);
  }

  /** The role that a member has: the one that it names, or else that of its place; may be empty. */
  public String role(Recipe recipe, int member) {
    String named = recipe.getMembers(member).getRole();
    return named.isEmpty() ? roleOfPlace(recipe, member) : named;
  }

  /** What a member must be able to do: what all must, and what its role asks for. */
  Set<Capability> needs(Recipe recipe, int member) {
    var all = new TreeSet<>(needs);
    roles.stream()
        .filter(role -> role.name().equals(role(recipe, member)))
        .forEach(role -> all.addAll(role.needs()));
    return all;
  }

  /** The role of a member that names none: that of its place, or else the usual one. */
  String roleOfPlace(Recipe recipe, int member) {
    return roles.stream()
        .filter(role -> role.place().is(member, recipe.getMembersCount()))
        .findFirst()
        .or(() -> roles.stream().filter(MethodRole::usual).findFirst())
        .map(MethodRole::name)
        .orElse("");
  }

  /** Whether a member may have a role: one of a place is had there only. */
  boolean mayHave(String role, Recipe recipe, int member) {
    return roles.stream().allMatch(r -> r.place() == MethodRole.Place.ANY)
        || role.equals(roleOfPlace(recipe, member));
  }

  /** As {@code MethodService.List} tells it. */
  public MethodDescription describe() {
    MethodDescription.Builder description =
        MethodDescription.newBuilder()
            .setName(name)
            .setFamily(family)
            .setSummary(summary)
            .setPaper(paper)
            .addAllNeeds(needs.stream().sorted().toList())
            .setMinMembers(members.least())
            .setMaxMembers(members.most())
            .addAllSettings(settings())
            .setNestable(nestable)
            .addAllRoles(roles.stream().map(MethodRole::describe).toList())
            .setRewrites(rewrites);
    fit.ifPresent(description::setFit);
    return description.build();
  }
}
