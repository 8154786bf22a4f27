package dev.tutti.decoder;

import dev.tutti.decoder.search.SearchPlan;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
import dev.tutti.type.v1.Capability;
import java.util.Set;

/** The roles of members of ensembles during inference, and what each needs beside all others. */
final class JointRoles {

  private static final Set<Capability> LEARNED_FROM = Set.of(Capability.CAPABILITY_HIDDEN_STATE);

  static final MethodRole[] STEPS = {
    new MethodRole(SearchPlan.PROPOSER, new Members(1, 16), Set.of(), "Writes steps.", true),
    new MethodRole(
        SearchPlan.JUDGE,
        new Members(0, 1),
        Set.of(),
        "Says behind every step whether all is right so far; without one the members' own likelihood"
            + " is the reward.",
        false)
  };

  static final MethodRole[] CDS = {
    new MethodRole(
        "aligned",
        Members.exactly(1),
        LEARNED_FROM,
        "The first member: writes, but for critical tokens.",
        false,
        MethodRole.Place.FIRST),
    new MethodRole(
        "pretrained", Members.exactly(1), Set.of(), "The second one: writes critical tokens.", true)
  };

  static final MethodRole[] CITER = {
    new MethodRole(
        "small", new Members(1, 15), LEARNED_FROM, "Writes what its router trusts it with.", true),
    new MethodRole(
        "large",
        Members.exactly(1),
        Set.of(),
        "The last member: writes what nobody before it is trusted with.",
        false,
        MethodRole.Place.LAST)
  };

  static final MethodRole[] ETR = {
    new MethodRole(
        "meta",
        Members.exactly(1),
        Set.of(Capability.CAPABILITY_HIDDEN_STATE, Capability.CAPABILITY_OUTPUT_EMBEDDINGS),
        "The first member: writes until it hands over.",
        false,
        MethodRole.Place.FIRST),
    new MethodRole(
        "expert", new Members(1, 15), Set.of(), "Writes the rest once it is handed over to.", true)
  };

  private JointRoles() {}
}
