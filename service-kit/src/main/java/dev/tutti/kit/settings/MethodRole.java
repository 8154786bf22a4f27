package dev.tutti.kit.settings;

import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.method.v1.RoleDescription;
import dev.tutti.type.v1.Capability;
import java.util.Set;

/**
 * A role that members of a method may have.
 *
 * @param name as {@code Member.role} names it
 * @param members how many have it; at least 0
 * @param needs what each of them must be able to do, beside what the method needs of all
 * @param help what a member with it does, in a sentence
 * @param usual whether members that name no role have this one
 * @param place of the member that has it, whether it names it or not
 */
public record MethodRole(
    String name, Members members, Set<Capability> needs, String help, boolean usual, Place place) {

  /** Where in a recipe the member of a role stands. */
  public enum Place {
    /** Anywhere, where no other role has its place. */
    ANY,
    /** It is the first member. */
    FIRST,
    /** It is the last member. */
    LAST;

    /** Whether it is that of a member. */
    boolean is(int member, int members) {
      return switch (this) {
        case ANY -> false;
        case FIRST -> member == 0;
        case LAST -> member == members - 1;
      };
    }
  }

  /** A role that any member may have. */
  public MethodRole(
      String name, Members members, Set<Capability> needs, String help, boolean usual) {
    this(name, members, needs, help, usual, Place.ANY);
  }

  /** As {@code MethodService.List} tells it. */
  RoleDescription describe() {
    return RoleDescription.newBuilder()
        .setName(name)
        .setMinMembers(members.least())
        .setMaxMembers(members.most())
        .addAllNeeds(needs.stream().sorted().toList())
        .setHelp(help)
        .setUsual(usual)
        .build();
  }
}
