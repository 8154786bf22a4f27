package dev.tutti.decoder.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tutti.decoder.Fitted;
import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FusionPlansTest {

  private static final Recipe RECIPE =
      Recipe.newBuilder()
          .setEnsemble("e")
          .setVersion(1)
          .setMethod("toy")
          .addMembers(Member.newBuilder().setModel("m"))
          .build();

  record Settings() {}

  /** A plan that tells its version. */
  private record Plan(int version) implements JointPlan {
    @Override
    public List<TokenMember> members() {
      return List.of();
    }

    @Override
    public List<Double> weights() {
      return List.of();
    }

    @Override
    public double temperature() {
      return version;
    }

    @Override
    public JointSession open(List<? extends MemberPrompt> prompts, StepRunner runner) {
      throw new UnsupportedOperationException();
    }
  }

  /** Stands on a version of what was learned. */
  private final class Toy implements JointEnsemble, Fitted {
    private final int its = active;

    @Override
    public String artifact() {
      return "a";
    }

    @Override
    public FittedOn on() {
      return new FittedOn(its, Map.of());
    }

    @Override
    public void requireKnown(List<String> members) {}

    @Override
    public JointPlan plan(List<TokenMember> members) {
      Runnable now = meanwhile;
      meanwhile = () -> {};
      now.run();
      return new Plan(its);
    }
  }

  private int active = 1;

  /** What happens while the next plan is made. */
  private Runnable meanwhile = () -> {};

  private final FusionPlans plans =
      new FusionPlans(
          MethodCatalog.of(
              MethodDefinition.of(
                  "toy",
                  Family.FAMILY_TOKEN,
                  "A toy.",
                  "Nobody, never.",
                  Set.of(),
                  Members.atLeast(1),
                  true,
                  JointEnsemble.class,
                  new Settings(),
                  _ -> new Toy())));

  /** Another version becomes active while a plan of the first is made. */
  @Test
  void anAnswerNamesTheVersionThatWritesIt() {
    meanwhile =
        () -> {
          active = 2;
          plans.changed();
        };
    FusionPlans.Planned first = plans.of(RECIPE, List.of());
    assertEquals(1, first.plan().temperature());
    assertEquals(1, first.fitted().orElseThrow().on().version());
    FusionPlans.Planned second = plans.of(RECIPE, List.of());
    assertEquals(2, second.plan().temperature());
    assertEquals(2, second.fitted().orElseThrow().on().version());
  }

  @Test
  void aPlanThatWasBegunBeforeAllWasForgottenIsNotKept() {
    meanwhile = plans::clear;
    JointPlan old = plans.of(RECIPE, List.of()).plan();
    JointPlan next = plans.of(RECIPE, List.of()).plan();
    assertNotSame(old, next);
    assertSame(next, plans.of(RECIPE, List.of()).plan());
  }
}
