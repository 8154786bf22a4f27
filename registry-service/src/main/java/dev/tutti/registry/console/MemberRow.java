package dev.tutti.registry.console;

import dev.tutti.registry.Entry;
import dev.tutti.registry.api.MethodList.Method;
import java.util.List;
import java.util.Objects;

/**
 * A member of an ensemble, or what could become one, in the form.
 *
 * @param number of the row, from 0 on: the ending of the names of its fields
 * @param typed what is in its fields
 * @param entry what it is; null where nothing is called so any more
 * @param obstacle why it can be no member; null where it can
 * @param roles the method's, each with whether it can have it
 * @param error what it was refused for; null for nothing
 */
public record MemberRow(
    int number, Typed typed, Entry entry, String obstacle, List<RoleChoice> roles, String error) {

  /**
   * What is in the fields of a row.
   *
   * @param ref kind and name, {@code model:adder-strong}
   * @param in whether it is a member
   * @param place in the order of the members, as typed
   * @param role empty for the usual one
   * @param weight empty for 1
   * @param as empty for its own name
   * @param temperature empty as the method or the request says
   * @param topP empty as the request says
   * @param n empty as the method says
   */
  public record Typed(
      String ref,
      boolean in,
      String place,
      String role,
      String weight,
      String as,
      String temperature,
      String topP,
      String n) {

    /** "model" or "ensemble". */
    public String kind() {
      return ref.substring(0, Math.max(0, ref.indexOf(':')));
    }

    /** Its name. */
    public String name() {
      return ref.substring(ref.indexOf(':') + 1);
    }

    static Typed candidate(Entry entry) {
      return new Typed(entry.kind().word() + ":" + entry.name(), false, "", "", "", "", "", "", "");
    }
  }

  /**
   * A role that it may have.
   *
   * @param name as the REST calls it
   * @param usual whether those have it that name none
   * @param obstacle why it cannot have it; null where it can
   */
  public record RoleChoice(String name, boolean usual, String obstacle) {}

  static MemberRow of(int number, Typed typed, Entry entry, Method method, String error) {
    return new MemberRow(
        number,
        typed,
        entry,
        entry == null
            ? "There is no %s of this name".formatted(typed.kind())
            : Serving.obstacle(method, entry),
        method.roles().stream()
            .map(
                role ->
                    new RoleChoice(
                        role.name(),
                        role.usual(),
                        entry == null ? null : Serving.obstacle(method, role, entry)))
            .toList(),
        error);
  }

  /** Whether this role is chosen. */
  public boolean has(String role) {
    return Objects.equals(typed.role(), role);
  }
}
