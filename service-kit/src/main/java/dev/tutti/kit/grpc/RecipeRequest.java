package dev.tutti.kit.grpc;

import static dev.tutti.kit.grpc.RequestRules.require;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.util.List;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.function.Function;

/**
 * A request to answer as a resolved ensemble, held against the contract; the recipe's method and
 * settings are left to the catalog.
 *
 * @param id identifies the request in every service; never empty
 * @param request with that id
 */
public record RecipeRequest(String id, GenerateRequest request) {

  /** Most characters of a name, as the registry has it. */
  private static final int LONGEST_NAME = 128;

  /** Stands for those who brought no key. */
  private static final String NO_TEAM = "none";

  /**
   * The request, checked; an id is drawn where it has none. One whose wire form says more than its
   * messages and sampling is refused.
   *
   * @throws FailureException ({@link Failure.InvalidArgument}) names the first field that is wrong
   */
  public static RecipeRequest of(GenerateRequest request) {
    RequestRules.requireInterpreted(request);
    return whole(request);
  }

  /**
   * The request as {@link #of}, for whoever hands on to its members what of the wire form is not
   * interpreted.
   *
   * @throws FailureException ({@link Failure.InvalidArgument}) names the first field that is wrong
   */
  public static RecipeRequest whole(GenerateRequest request) {
    require(
        request.hasRecipe(),
        "target",
        "Only a resolved ensemble (target.recipe) is answered here; models are decoder-service's,"
            + " names are router-service's.");
    RequestRules.check(request);
    Recipe recipe = request.getRecipe();
    require(!recipe.getEnsemble().isEmpty(), "recipe.ensemble", "A recipe names its ensemble.");
    requireName("recipe.ensemble", recipe.getEnsemble());
    if (recipe.getBudget().hasUsdPerRequest()) {
      double budget = recipe.getBudget().getUsdPerRequest();
      require(
          budget > 0 && Double.isFinite(budget),
          "recipe.budget.usd_per_request",
          "usd_per_request is %s; it must be above 0 and finite.".formatted(budget));
    }
    if (recipe.getBudget().hasUsdPerDay()) {
      double budget = recipe.getBudget().getUsdPerDay();
      require(
          budget > 0 && Double.isFinite(budget),
          "recipe.budget.usd_per_day",
          "usd_per_day is %s; it must be above 0 and finite.".formatted(budget));
    }
    require(
        !recipe.hasTimeLimit() || Durations.isPositive(recipe.getTimeLimit()),
        "recipe.time_limit",
        "time_limit is %s; it must be above 0."
            .formatted(Durations.toString(recipe.getTimeLimit())));
    for (int i = 0; i < recipe.getMembersCount(); i++) {
      requireName("recipe.members[%d]".formatted(i), name(recipe.getMembers(i)));
      requireName("recipe.members[%d].as".formatted(i), recipe.getMembers(i).getAs());
      Prices prices = recipe.getMembers(i).getPrices();
      require(
          isPrice(prices.getUsdPerMillionPromptTokens())
              && isPrice(prices.getUsdPerMillionCompletionTokens())
              && isPrice(prices.getUsdPerMillionCachedPromptTokens()),
          "recipe.members[%d].prices".formatted(i),
          "Prices are %s, %s and %s; they must be at least 0 and finite."
              .formatted(
                  prices.getUsdPerMillionPromptTokens(),
                  prices.getUsdPerMillionCompletionTokens(),
                  prices.getUsdPerMillionCachedPromptTokens()));
    }
    String id = request.getRequestId();
    if (!id.isEmpty()) {
      return new RecipeRequest(id, request);
    }
    String drawn = UUID.randomUUID().toString();
    return new RecipeRequest(drawn, request.toBuilder().setRequestId(drawn).build());
  }

  /**
   * Checks a recipe that its caller made; what is registered was looked at then.
   *
   * @param violations everything that is wrong with a recipe
   * @throws FailureException ({@link Failure.InvalidArgument}) tells the first of them
   */
  public void requireValid(Function<Recipe, List<Violation>> violations) {
    List<Violation> found = recipe().getVersion() > 0 ? List.of() : violations.apply(recipe());
    if (!found.isEmpty()) {
      Violation first = found.getFirst();
      throw new Failure.InvalidArgument(
              "recipe." + first.getField(), "INVALID_RECIPE", first.getDescription())
          .exception();
    }
  }

  /** The ensemble. */
  public Recipe recipe() {
    return request.getRecipe();
  }

  /** Its members, in the order of the recipe. */
  public List<Member> members() {
    return recipe().getMembersList();
  }

  /** The conversation. */
  public List<Message> messages() {
    return request.getMessagesList();
  }

  /** What the user said last; empty where the user said nothing. */
  public String question() {
    return messages().reversed().stream()
        .filter(message -> message.getRole() == Role.ROLE_USER)
        .map(Message::getContent)
        .findFirst()
        .orElse("");
  }

  /** How tokens are drawn. */
  public Sampling sampling() {
    return request.getSampling();
  }

  /** What the request may cost at most, US dollars; empty where it is unlimited. */
  public OptionalDouble budgetUsd() {
    return recipe().getBudget().hasUsdPerRequest()
        ? OptionalDouble.of(recipe().getBudget().getUsdPerRequest())
        : OptionalDouble.empty();
  }

  /** The name of a model or ensemble that is a member. */
  public static String name(Member member) {
    return member.hasEnsemble() ? member.getEnsemble() : member.getModel();
  }

  /** The name by which datasets, and what was fitted to them, know a member. */
  public static String knownAs(Member member) {
    return member.getAs().isEmpty() ? name(member) : member.getAs();
  }

  /**
   * The request that a member of this ensemble gets: one ensemble deeper, a model as itself, an
   * ensemble by its name. The caller's wire form goes along where it says more than messages and
   * sampling do; its answer is wanted as text and calls of tools all the same.
   */
  public GenerateRequest forMember(Member member, Sampling sampling) {
    GenerateRequest.Builder next =
        request.toBuilder().setDepth(request.getDepth() + 1).setSampling(sampling);
    if (request.getWire().getUninterpreted().isEmpty()) {
      next.clearWire();
    } else {
      next.getWireBuilder().setInterpreted(true);
    }
    if (member.hasEnsemble()) {
      next.setName(member.getEnsemble());
    } else {
      // How it draws is said by the sampling.
      next.setMember(member.toBuilder().clearSampling());
    }
    return next.build();
  }

  /** The team for which it is asked: what is kept of it is that one's alone. */
  public String team() {
    return request.getTeam().isEmpty() ? NO_TEAM : request.getTeam();
  }

  /** A decision on this request, made now; the method adds what it decided and why. */
  public Decision.Builder decision(Family family) {
    return Decision.newBuilder()
        .setId(id)
        .setEnsemble(recipe().getEnsemble())
        .setEnsembleVersion(recipe().getVersion())
        .setMethod(recipe().getMethod())
        .setFamily(family)
        .setTime(Timestamps.now());
  }

  /** Else the database would refuse what is kept of it, which nobody had asked for. */
  private static void requireName(String field, String name) {
    require(
        name.length() <= LONGEST_NAME && name.chars().noneMatch(Character::isISOControl),
        field,
        "The name has %d characters; it takes at most %d, none of them a control character."
            .formatted(name.length(), LONGEST_NAME));
  }

  private static boolean isPrice(double usd) {
    return usd >= 0 && Double.isFinite(usd);
  }
}
