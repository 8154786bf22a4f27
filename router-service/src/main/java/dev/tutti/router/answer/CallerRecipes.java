package dev.tutti.router.answer;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.access.Caller;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** By which recipe answers are looked at that a caller brings along. */
@ApplicationScoped
class CallerRecipes {

  /** Name of the ensemble that a method of the caller's makes; nothing registered is meant. */
  private static final String RECIPE = "recipe";

  /**
   * An answer, as far as it says whose it is.
   *
   * @param member as the caller names it
   * @param logprobs whether it has the log-probabilities of its tokens
   */
  record Whose(String member, boolean logprobs) {}

  private final KnownNames names;

  CallerRecipes(KnownNames names) {
    this.names = names;
  }

  /**
   * The recipe.
   *
   * @param question its target is the name of an ensemble, or a recipe with the caller's method,
   *     settings, and members
   * @param family that the ensemble must have
   * @throws dev.tutti.kit.grpc.FailureException where there is none, or something of it is wrong
   */
  Entry.Elsewhere of(GenerateRequest question, Family family, List<Whose> answers) {
    return question.hasName()
        ? registered(question.getName(), family)
        : sent(question, family, answers);
  }

  private Entry.Elsewhere registered(String name, Family family) {
    Caller.current().requireMayAsk(names.own(name));
    if (names.resolve(name) instanceof Entry.Elsewhere entry && entry.family() == family) {
      return entry;
    }
    throw family == Family.FAMILY_FUSION
        ? refused(name, "FUSION", "ensemble whose members all answer: it fuses nothing")
        : refused(name, "CASCADE", "ensemble that asks until an answer does: it decides nothing");
  }

  private static RuntimeException refused(String name, String family, String what) {
    return new Failure.InvalidArgument(
            "name",
            "NOT_A_%s_ENSEMBLE".formatted(family),
            "'%s' is not an %s.".formatted(name, what))
        .exception();
  }

  /** The recipe that a caller sends, with everybody who is in it as they are registered. */
  private Entry.Elsewhere sent(GenerateRequest question, Family family, List<Whose> answers) {
    Caller.current().requireMaySendRecipes();
    // A cascade may come to the same member again, and asks nobody here.
    boolean asks = family == Family.FAMILY_FUSION;
    var members = new ArrayList<Member>();
    var there = new HashSet<String>();
    for (Member member : question.getRecipe().getMembersList()) {
      Member known = known(member, answers, asks);
      if (!there.add(RecipeRequest.name(known)) && asks) {
        throw Failure.invalid(
            "members", "'%s' is a member twice.".formatted(RecipeRequest.name(known)));
      }
      members.add(known);
    }
    for (Whose its : answers) {
      Member known = known(Member.newBuilder().setModel(its.member()).build(), answers, asks);
      if (there.add(RecipeRequest.name(known))) {
        members.add(known);
      }
    }
    Recipe recipe =
        question.getRecipe().toBuilder()
            .setEnsemble(RECIPE)
            .clearVersion()
            .clearMembers()
            .addAllMembers(members)
            .build();
    return new Entry.Elsewhere(recipe, family);
  }

  /**
   * A member by its own name; who only answered already need not be registered.
   *
   * @param asks whether who did not answer may be asked
   */
  private Member known(Member member, List<Whose> answers, boolean asks) {
    String name = names.own(RecipeRequest.name(member));
    List<Whose> its =
        answers.stream().filter(answer -> names.own(answer.member()).equals(name)).toList();
    boolean asked = asks && its.isEmpty();
    Optional<Entry> entry = names.directory().flatMap((Directory d) -> d.find(name));
    if (asked && entry.isEmpty()) {
      names.resolve(name);
    }
    Member.Builder known = member.toBuilder().clearRef();
    switch (entry.orElse(null)) {
      case Entry.Single single -> known.mergeFrom(single.member());
      case Entry.Elsewhere _, Entry.Routed _ -> known.setEnsemble(name);
      case Entry.Unserved unserved -> {
        if (asked) {
          throw unserved.why().exception();
        }
        known.setModel(name);
      }
      case null -> known.setModel(name);
    }
    var capabilities = new HashSet<>(known.getCapabilitiesList());
    capabilities.add(Capability.CAPABILITY_GENERATION);
    if (!asks || (!its.isEmpty() && its.stream().allMatch(Whose::logprobs))) {
      capabilities.add(Capability.CAPABILITY_LOGPROBS);
    }
    return known
        .clearCapabilities()
        .addAllCapabilities(capabilities.stream().sorted().toList())
        .build();
  }

  /** The member of a recipe that the caller means. */
  String member(Recipe recipe, String name) {
    return recipe.getMembersList().stream()
        .filter(m -> m.getAs().equals(name) && !m.getAs().isEmpty())
        .map(RecipeRequest::name)
        .findFirst()
        .orElse(names.own(name));
  }
}
