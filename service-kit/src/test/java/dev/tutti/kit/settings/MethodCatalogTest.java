package dev.tutti.kit.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MethodCatalogTest {

  record Settings(@Setting(help = "One a member.", min = 0, max = 1) List<Double> thresholds)
      implements FitsMembers {
    @Override
    public void requireFit(int members) {
      if (thresholds.size() != members) {
        throw new SettingsException(
            "thresholds",
            "thresholds has %d entries; %d members need %d."
                .formatted(thresholds.size(), members, members));
      }
    }

    @Override
    public void requireWeights(List<Double> weights) {
      if (weights.contains(13.0)) {
        throw new IllegalArgumentException("13 brings bad luck.");
      }
    }

    @Override
    public void requireRoles(List<String> roles) {
      if (roles.equals(List.of("", "heckler"))) {
        throw new SettingsException("thresholds", "Hecklers want no thresholds.");
      }
    }
  }

  private static final MethodCatalog<Settings> CATALOG = catalog(Family.FAMILY_FUSION);

  private static MethodCatalog<Settings> catalog(Family family) {
    return MethodCatalog.of(
        MethodDefinition.of(
            "toy",
            family,
            "A toy.",
            "Nobody, never.",
            Set.of(
                Capability.CAPABILITY_LOGPROBS,
                // Of the platform, not of the members.
                Capability.CAPABILITY_EMBEDDING,
                Capability.CAPABILITY_FEEDBACK),
            Members.atLeast(2),
            false,
            Settings.class,
            new Settings(List.of(0.5, 0.5)),
            s -> s));
  }

  /**
   * A chain may come back to who was asked before; two members are known by two names all the same.
   */
  @Test
  void whatThePlatformGivesNobodyLacksAndAWholeDistributionHoldsTheMostProbableTokens() {
    Set<Capability> needs =
        Set.of(
            Capability.CAPABILITY_TOP_LOGPROBS,
            Capability.CAPABILITY_EMBEDDING,
            Capability.CAPABILITY_FEEDBACK);
    assertEquals(
        Set.of(), MethodCatalog.lacking(needs, List.of(Capability.CAPABILITY_FULL_DISTRIBUTION)));
    assertEquals(
        Set.of(Capability.CAPABILITY_TOP_LOGPROBS),
        MethodCatalog.lacking(needs, List.of(Capability.CAPABILITY_LOGPROBS)));
  }

  @Test
  void aCascadeMayNameAMemberAgain() {
    MethodCatalog<Settings> cascades = catalog(Family.FAMILY_CASCADE);
    assertEquals(List.of(), cascades.validate(good().setMembers(1, model("a")).build()));
    assertEquals(
        "members[1].as",
        cascades
            .validate(good().setMembers(1, model("b").setAs("a")).build())
            .getFirst()
            .getField());
  }

  private static Member.Builder model(String name) {
    return Member.newBuilder().setModel(name).addCapabilities(Capability.CAPABILITY_LOGPROBS);
  }

  private static Recipe.Builder good() {
    return Recipe.newBuilder()
        .setEnsemble("e")
        .setMethod("toy")
        .addMembers(model("a"))
        .addMembers(model("b"));
  }

  @Test
  void aGoodRecipeBecomesTheMethod() {
    assertEquals(List.of(), CATALOG.validate(good().build()));
    assertEquals(List.of(0.5, 0.5), CATALOG.create(good().build()).thresholds());
  }

  @Test
  void eachFaultIsNamedWithItsField() {
    assertFault(good().setMethod("toi"), "method", "Unknown method 'toi'; known: toy.");
    assertFault(
        good().addMembers(model("c")), "settings.thresholds", "2 entries; 3 members need 3");
    assertFault(good().setMembers(1, model("a")), "members[1]", "'a' is a member twice");
    assertFault(
        good().setMembers(1, Member.newBuilder().setEnsemble("x")),
        "members[1]",
        "takes models only");
    assertFault(
        good().setMembers(1, Member.newBuilder().setModel("b")),
        "members[1]",
        "'b' lacks LOGPROBS");
    assertFault(good().setMembers(1, Member.newBuilder()), "members[1]", "names a model");
    assertFault(
        good().setMembers(1, model("b").setWeight(0)), "members[1].weight", "weight is 0.0");
    assertFault(good().setMembers(1, model("b").setWeight(13)), "settings", "13 brings bad luck");
    assertFault(
        good().setMembers(1, model("b").setRole("heckler")), "settings.thresholds", "Hecklers");
    assertFault(good().removeMembers(1), "members", "takes 2 to 64 members; there are 1.");
    Struct unknown = Struct.newBuilder().putFields("x", Value.getDefaultInstance()).build();
    assertFault(good().setSettings(unknown), "settings.x", "Unknown setting 'x'");
  }

  @Test
  void aWrongRecipeIsNoMethod() {
    FailureException e =
        assertThrows(FailureException.class, () -> CATALOG.create(good().setMethod("toi").build()));
    Failure.InvalidArgument failure = assertInstanceOf(Failure.InvalidArgument.class, e.failure());
    assertEquals("recipe.method", failure.field());
  }

  @Test
  void twoMethodsOfOneNameAreAProgrammersFault() {
    var one = CATALOG.definitions().getFirst();
    assertThrows(IllegalStateException.class, () -> MethodCatalog.of(one, one));
  }

  private static void assertFault(Recipe.Builder recipe, String field, String part) {
    List<Violation> violations = CATALOG.validate(recipe.build());
    assertTrue(
        violations.stream()
            .anyMatch(v -> v.getField().equals(field) && v.getDescription().contains(part)),
        violations.toString());
  }

  private static final MethodCatalog<Settings> ROLES =
      MethodCatalog.of(
          MethodDefinition.<Settings, Settings>of(
                  "staged",
                  Family.FAMILY_FUSION,
                  "A toy.",
                  "Nobody, never.",
                  Set.of(Capability.CAPABILITY_GENERATION),
                  Members.atLeast(1),
                  true,
                  Settings.class,
                  new Settings(List.of(0.5)),
                  s -> s)
              .with(
                  new MethodRole("proposer", Members.atLeast(1), Set.of(), "Proposes.", true),
                  new MethodRole(
                      "judge",
                      new Members(0, 1),
                      Set.of(Capability.CAPABILITY_SCORING),
                      "Judges.",
                      false)));

  private static List<String> wrong(String... rolesAndScoring) {
    Recipe.Builder recipe = Recipe.newBuilder().setMethod("staged");
    var thresholds = ListValue.newBuilder();
    for (String role : rolesAndScoring) {
      Member.Builder member =
          Member.newBuilder()
              .setModel("m" + recipe.getMembersCount())
              .setRole(role.replace("+", ""))
              .addCapabilities(Capability.CAPABILITY_GENERATION);
      if (role.endsWith("+")) {
        member.addCapabilities(Capability.CAPABILITY_SCORING);
      }
      recipe.addMembers(member);
      thresholds.addValues(Value.newBuilder().setNumberValue(0.5));
    }
    recipe.setSettings(
        Struct.newBuilder()
            .putFields("thresholds", Value.newBuilder().setListValue(thresholds).build()));
    return ROLES.validate(recipe.build()).stream()
        .map(v -> v.getField() + ": " + v.getDescription())
        .toList();
  }

  @Test
  void rolesAreHeldAgainstTheMethod() {
    assertEquals(List.of(), wrong("", "proposer", "judge+"));
    assertEquals(
        List.of("members[1].role: role is 'critic'; staged has: proposer, judge."),
        wrong("", "critic"));
    assertEquals(
        List.of("members[1]: 'm1' lacks SCORING, which staged needs."), wrong("", "judge"));
    assertEquals(
        List.of("members: staged takes 0 to 1 members with the role judge; there are 2."),
        wrong("", "judge+", "judge+"));
    assertEquals(
        List.of("members: staged takes 1 to 64 members with the role proposer; there are 0."),
        wrong("judge+"));
  }

  @Test
  void anEnsembleScoresNothingWhateverItSays() {
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setMethod("staged")
            .addMembers(
                Member.newBuilder().setModel("m").addCapabilities(Capability.CAPABILITY_GENERATION))
            .addMembers(
                Member.newBuilder()
                    .setEnsemble("inner")
                    .setRole("judge")
                    .addCapabilities(Capability.CAPABILITY_GENERATION)
                    .addCapabilities(Capability.CAPABILITY_SCORING));
    List<Violation> violations = ROLES.validate(recipe.build());
    assertEquals("'inner' lacks SCORING, which staged needs.", violations.get(0).getDescription());
  }

  @Test
  void aMemberWithoutARoleHasTheUsualOne() {
    MethodDefinition<Settings> staged = ROLES.find("staged").orElseThrow();
    Recipe recipe =
        Recipe.newBuilder()
            .addMembers(Member.getDefaultInstance())
            .addMembers(Member.newBuilder().setRole("judge"))
            .build();
    assertEquals("proposer", staged.role(recipe, 0));
    assertEquals("judge", staged.role(recipe, 1));
    var roles = staged.describe().getRolesList();
    assertEquals("judge", roles.get(1).getName());
    assertEquals(List.of(Capability.CAPABILITY_SCORING), roles.get(1).getNeedsList());
    assertEquals(1, roles.get(1).getMaxMembers());
    assertEquals("Proposes.", roles.get(0).getHelp());
    assertThrows(IllegalStateException.class, () -> staged.with(usual("a"), usual("b")));
  }

  private static MethodRole usual(String name) {
    return new MethodRole(name, Members.atLeast(1), Set.of(), "x", true);
  }

  /** The first leads, whatever it says of itself; the last closes; scoring is for who leads. */
  private static final MethodCatalog<Settings> PLACES =
      MethodCatalog.of(
          MethodDefinition.<Settings, Settings>of(
                  "queue",
                  Family.FAMILY_TOKEN,
                  "A toy.",
                  "Nobody, never.",
                  Set.of(Capability.CAPABILITY_GENERATION),
                  Members.atLeast(2),
                  false,
                  Settings.class,
                  new Settings(List.of(0.5)),
                  s -> s)
              .with(
                  new MethodRole(
                      "leader",
                      Members.exactly(1),
                      Set.of(Capability.CAPABILITY_SCORING),
                      "Leads.",
                      false,
                      MethodRole.Place.FIRST),
                  new MethodRole("follower", new Members(0, 14), Set.of(), "Follows.", true),
                  new MethodRole(
                      "closer",
                      Members.exactly(1),
                      Set.of(),
                      "Closes.",
                      false,
                      MethodRole.Place.LAST)));

  /** Members by their roles; who has a + scores. */
  private static List<String> inPlaces(String... roles) {
    Recipe.Builder recipe = Recipe.newBuilder().setMethod("queue");
    var thresholds = ListValue.newBuilder();
    for (String role : roles) {
      Member.Builder member =
          Member.newBuilder()
              .setModel("m" + recipe.getMembersCount())
              .setRole(role.replace("+", ""))
              .addCapabilities(Capability.CAPABILITY_GENERATION);
      if (role.endsWith("+")) {
        member.addCapabilities(Capability.CAPABILITY_SCORING);
      }
      recipe.addMembers(member);
      thresholds.addValues(Value.newBuilder().setNumberValue(0.5));
    }
    recipe.setSettings(
        Struct.newBuilder()
            .putFields("thresholds", Value.newBuilder().setListValue(thresholds).build()));
    assertEquals(
        PLACES.lacks(recipe.build()),
        PLACES.validate(recipe.build()).stream()
            .filter(v -> v.getDescription().contains(" lacks "))
            .toList());
    return PLACES.validate(recipe.build()).stream()
        .map(v -> v.getField() + ": " + v.getDescription())
        .toList();
  }

  @Test
  void aPlaceHasItsRoleAndNeedsAreThoseOfTheRole() {
    assertEquals(List.of(), inPlaces("+", "", "", ""));
    assertEquals(List.of(), inPlaces("+", ""));
    assertEquals(List.of(), inPlaces("leader+", "follower", "closer"));
    assertEquals(
        List.of("members[0]: 'm0' lacks SCORING, which queue needs."), inPlaces("", "+", "+"));
    assertEquals(
        List.of(
            "members[1]: 'm1' lacks SCORING, which queue needs.",
            "members[1].role: role is 'leader', which a member of queue has by its place; this one"
                + " has: follower.",
            "members: queue takes 1 to 1 members with the role leader; there are 2."),
        inPlaces("+", "leader", ""));
    assertTrue(
        inPlaces("follower+", "", "")
            .contains(
                "members[0].role: role is 'follower', which a member of queue has by its place;"
                    + " this one has: leader."));
  }

  /** Members of a selector say how often each is asked; one of the others only how it draws. */
  record Often(@Setting(help = "How often.", min = 1, max = 64) int samples)
      implements FitsMembers {
    @Override
    public void requireFit(int members) {}

    @Override
    public boolean takesSamples() {
      return true;
    }

    @Override
    public void requireSamples(List<OptionalInt> own) {
      if (own.stream().mapToInt(its -> its.orElse(samples)).sum() > 70) {
        throw new IllegalArgumentException("More than 70 answers.");
      }
    }
  }

  private static MethodDefinition<Settings> toy(String name, Family family) {
    return MethodDefinition.of(
        name,
        family,
        "A toy.",
        "Nobody, never.",
        Set.of(Capability.CAPABILITY_LOGPROBS),
        Members.atLeast(2),
        true,
        Settings.class,
        new Settings(List.of(0.5, 0.5)),
        s -> s);
  }

  private static final MethodCatalog<Settings> SAMPLED =
      MethodCatalog.of(
          toy("asks-each", Family.FAMILY_CASCADE),
          toy("routes", Family.FAMILY_ROUTER),
          toy("together", Family.FAMILY_TOKEN),
          toy("votes", Family.FAMILY_FUSION).sharing(SettingsSchema.of(new Often(1))));

  private static List<String> sampled(String method, MemberSampling.Builder sampling) {
    Recipe recipe =
        good().setMethod(method).setMembers(1, model("b").setSampling(sampling)).build();
    return SAMPLED.validate(recipe).stream()
        .map(v -> v.getField() + ": " + v.getDescription())
        .toList();
  }

  @Test
  void membersDrawInTheirOwnWayWhereEachIsAsked() {
    MemberSampling.Builder warm = MemberSampling.newBuilder().setTemperature(2).setTopP(1);
    assertEquals(List.of(), sampled("asks-each", warm));
    assertEquals(List.of(), sampled("votes", warm));
    assertEquals(List.of(), sampled("votes", warm.setN(64)));
    assertEquals(
        List.of(
            "members[1].sampling.n: n is 64; asks-each decides itself how often a member is asked:"
                + " leave it out."),
        sampled("asks-each", warm));
    for (String method : List.of("routes", "together")) {
      assertEquals(
          List.of(
              "members[1].sampling: 'b' has its own sampling; %s takes none: only methods after inference ask each member by itself."
                  .formatted(method)),
          sampled(method, MemberSampling.newBuilder()));
    }
  }

  @Test
  void whatAMembersSamplingSaysIsBounded() {
    for (double wrong : new double[] {-0.1, 2.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertEquals(
          List.of(
              "members[1].sampling.temperature: temperature is %s; 0 to 2 are allowed."
                  .formatted(wrong)),
          sampled("votes", MemberSampling.newBuilder().setTemperature(wrong)));
    }
    for (double wrong : new double[] {0, -1, 1.1, Double.NaN}) {
      assertEquals(
          List.of(
              "members[1].sampling.top_p: top_p is %s; it must be above 0 and at most 1."
                  .formatted(wrong)),
          sampled("votes", MemberSampling.newBuilder().setTopP(wrong)));
    }
    for (int wrong : new int[] {0, -1, 65, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertEquals(
          List.of("members[1].sampling.n: n is %d; 1 to 64 are allowed.".formatted(wrong)),
          sampled("votes", MemberSampling.newBuilder().setN(wrong)).subList(0, 1));
    }
  }

  @Test
  void theSettingsAreHeldAgainstHowOftenMembersAreAsked() {
    Recipe.Builder recipe = good().setMethod("votes").setMembers(0, model("a").setSampling(n(6)));
    assertEquals(
        List.of(), SAMPLED.validate(recipe.setMembers(1, model("b").setSampling(n(64))).build()));
    recipe.setMembers(0, model("a").setSampling(n(7)));
    assertEquals(
        "More than 70 answers.", SAMPLED.validate(recipe.build()).getFirst().getDescription());
  }

  private static MemberSampling n(int answers) {
    return MemberSampling.newBuilder().setN(answers).build();
  }

  @Test
  void whoOnlyScoresDrawsNothing() {
    Member.Builder judge =
        Member.newBuilder()
            .setModel("j")
            .setRole("judge")
            .setSampling(MemberSampling.newBuilder().setTemperature(1))
            .addCapabilities(Capability.CAPABILITY_SCORING);
    MethodCatalog<Settings> scored =
        MethodCatalog.of(
            MethodDefinition.<Settings, Settings>of(
                    "scored",
                    Family.FAMILY_FUSION,
                    "A toy.",
                    "Nobody, never.",
                    Set.of(),
                    Members.atLeast(1),
                    true,
                    Settings.class,
                    new Settings(List.of(0.5)),
                    s -> s)
                .with(
                    new MethodRole(
                        "judge",
                        Members.atLeast(1),
                        Set.of(Capability.CAPABILITY_SCORING),
                        "Judges.",
                        false)));
    assertEquals(
        "'j' has its own sampling, but as judge it only scores: it draws nothing.",
        scored
            .validate(Recipe.newBuilder().setMethod("scored").addMembers(judge).build())
            .getFirst()
            .getDescription());
  }
}
