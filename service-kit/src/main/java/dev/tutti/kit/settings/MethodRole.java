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
 */
public record MethodRole(
    String name, Members members, Set<Capability> needs, String help, boolean usual) {

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
