package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.testing.MethodRules;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodsTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava(
        "dev.tutti.decoder",
        "dev.tutti.decoder.bytes",
        "dev.tutti.decoder.search",
        "dev.tutti.decoder.span",
        "dev.tutti.learning",
        "dev.tutti.numerics..");
  }

  @Test
  void classesCatalogAndMethodsFileAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.decoder",
        JointEnsemble.class,
        JointEnsembleCatalog.METHODS,
        Path.of("METHODS.md"));
  }

  @Test
  void gacTellsWhatItTakes() {
    MethodDescription gac = JointEnsembleCatalog.METHODS.find("gac").orElseThrow().describe();
    assertEquals(List.of(Capability.CAPABILITY_FULL_DISTRIBUTION), gac.getNeedsList());
    assertEquals(
        List.of(
            "threshold",
            "primary",
            "eta",
            "share",
            "prior",
            "asleep",
            "entropy_scale",
            "on_member_failure",
            "late_seconds"),
        gac.getSettingsList().stream().map(s -> s.getName()).toList());
    assertEquals(1, gac.getSettings(0).getDefaultValue().getNumberValue());
  }

  @Test
  void allMethodsTakeWhatBecomesOfAMemberThatFails() {
    for (MethodDescription method : JointEnsembleCatalog.METHODS.describe()) {
      var last =
          method
              .getSettingsList()
              .subList(method.getSettingsCount() - 2, method.getSettingsCount());
      assertEquals("on_member_failure", last.get(0).getName());
      assertEquals(List.of("drop", "drop_models", "fail"), last.get(0).getAllowedList());
      assertEquals("drop_models", last.get(0).getDefaultValue().getStringValue());
      assertEquals("late_seconds", last.get(1).getName());
      assertTrue(last.get(1).getDefaultValue().hasNullValue());
    }
    assertEquals(
        List.of(), refusals("on_member_failure", Value.newBuilder().setStringValue("fail")));
    assertEquals(
        List.of("on_member_failure is 'never'; allowed: drop, drop_models, fail."),
        refusals("on_member_failure", Value.newBuilder().setStringValue("never")));
    assertEquals(List.of(), refusals("late_seconds", Value.newBuilder().setNumberValue(.5)));
    assertEquals(1, refusals("late_seconds", Value.newBuilder().setNumberValue(0)).size());
    String unknown = refusals("late", Value.newBuilder().setNumberValue(1)).getFirst();
    assertTrue(unknown.startsWith("Unknown setting 'late'; known: threshold, "), unknown);
    assertTrue(unknown.endsWith(", on_member_failure, late_seconds."), unknown);
  }

  private static List<String> refusals(String setting, Value.Builder value) {
    Recipe recipe =
        Recipe.newBuilder()
            .setEnsemble("e")
            .setMethod("gac")
            .setSettings(Struct.newBuilder().putFields(setting, value.build()))
            .addMembers(member("a"))
            .build();
    return JointEnsembleCatalog.METHODS.validate(recipe).stream()
        .map(violation -> violation.getDescription())
        .toList();
  }

  @Test
  void aPrimaryBeyondTheMembersIsRefusedAtRegistration() {
    var settings = Struct.newBuilder();
    settings.putFields("primary", Value.newBuilder().setNumberValue(2).build());
    Recipe recipe =
        Recipe.newBuilder()
            .setEnsemble("e")
            .setMethod("gac")
            .setSettings(settings)
            .addMembers(member("a"))
            .addMembers(member("b"))
            .build();
    var violations = JointEnsembleCatalog.METHODS.validate(recipe);
    assertEquals(1, violations.size());
    assertEquals(
        "primary is 2; with 2 members it must be within 0..1.",
        violations.getFirst().getDescription());
  }

  @Test
  void uniteTakesWholeDistributionsOrTheirTopButNothingLess() {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod("unite");
    recipe.addMembers(member("here"));
    recipe.addMembers(
        Member.newBuilder()
            .setModel("endpoint")
            .addCapabilities(Capability.CAPABILITY_TOP_LOGPROBS));
    assertEquals(List.of(), JointEnsembleCatalog.METHODS.validate(recipe.build()));
    recipe.addMembers(
        Member.newBuilder()
            .setModel("mute")
            .addCapabilities(Capability.CAPABILITY_GENERATION)
            .addCapabilities(Capability.CAPABILITY_LOGPROBS));
    var violations = JointEnsembleCatalog.METHODS.validate(recipe.build());
    assertEquals(1, violations.size());
    assertEquals("members[2]", violations.getFirst().getField());
    assertEquals(
        "'mute' lacks TOP_LOGPROBS, which unite needs.", violations.getFirst().getDescription());
    assertEquals(
        "'endpoint' lacks FULL_DISTRIBUTION, which gac needs.",
        JointEnsembleCatalog.METHODS
            .validate(recipe.setMethod("gac").build())
            .getFirst()
            .getDescription());
  }

  private static Member member(String model) {
    return Member.newBuilder()
        .setModel(model)
        .addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION)
        .build();
  }
}
