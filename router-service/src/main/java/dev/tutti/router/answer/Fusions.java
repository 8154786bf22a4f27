package dev.tutti.router.answer;

import dev.tutti.fusion.v1.BroughtAnswer;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.access.Caller;
import dev.tutti.router.answer.CallerRecipes.Whose;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Neighbours;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Makes one answer of those that a caller brings along: by a registered ensemble after inference,
 * or by a method that the caller names. The decision is kept.
 */
@ApplicationScoped
public class Fusions {

  private final KnownNames names;
  private final CallerRecipes recipes;
  private final BroughtRequests requests;
  private final Neighbours neighbours;

  Fusions(
      KnownNames names, CallerRecipes recipes, BroughtRequests requests, Neighbours neighbours) {
    this.names = names;
    this.recipes = recipes;
    this.requests = requests;
    this.neighbours = neighbours;
  }

  /**
   * Fuses answers.
   *
   * @param asked its request has an id; the request's target is the name of an ensemble, whose
   *     members the answers are of, or a recipe with the caller's method, settings, and members
   *     where they need a weight, a role, or to be asked; whose answers these are then is the
   *     caller's to say
   * @throws FailureException where something of it is wrong, or who is to write or to score cannot
   */
  public FuseResponse fuse(FuseRequest asked) {
    List<Whose> answers =
        asked.getAnswersList().stream()
            .map(its -> new Whose(its.getMember(), its.getLogprobsCount() > 0))
            .toList();
    return requests.answer(
        asked.getRequest(),
        Family.FAMILY_FUSION,
        answers,
        new BroughtRequests.Work<FuseResponse>() {
          @Override
          public OptionalDouble usd(Recipe recipe) {
            return OptionalDouble.of(mayCost(request(asked, recipe)));
          }

          @Override
          public FuseResponse ask(Recipe recipe) {
            return neighbours.fuse(request(asked, recipe));
          }

          @Override
          public Completion completion(FuseResponse response) {
            return response.getCompletion();
          }
        });
  }

  /**
   * What those may cost who may be asked: who brought no answer, and where the method rewrites
   * prompts all, as it may ask whoever has answered again.
   */
  private double mayCost(FuseRequest request) {
    GenerateRequest question = request.getRequest();
    CostEstimate asked = CostEstimate.of(question.getMessagesList(), question.getSampling());
    long read =
        request.getAnswersList().stream()
            .mapToLong(its -> Usages.tokens(Usages.characters(its.getText())))
            .sum();
    var estimate = new CostEstimate(asked.promptTokens() + read, asked.completionTokens());
    var brought = new HashSet<String>();
    if (!rewrites(question.getRecipe())) {
      request.getAnswersList().forEach(its -> brought.add(its.getMember()));
    }
    return question.getRecipe().getMembersList().stream()
        .filter(member -> !brought.contains(RecipeRequest.name(member)))
        .mapToDouble(estimate::usd)
        .sum();
  }

  /** What a registered ensemble does the registry tells, what a caller's recipe its method. */
  private boolean rewrites(Recipe recipe) {
    return recipe.getVersion() == 0
        ? neighbours.rewrites(recipe.getMethod())
        : names.directory().map(d -> d.rewrites(recipe.getEnsemble())).orElse(false);
  }

  private FuseRequest request(FuseRequest asked, Recipe recipe) {
    FuseRequest.Builder request = asked.toBuilder();
    request.getRequestBuilder().setRecipe(recipe).setTeam(Caller.current().toldTeam());
    for (BroughtAnswer.Builder its : request.getAnswersBuilderList()) {
      its.setMember(recipes.member(recipe, its.getMember()));
    }
    return request.build();
  }
}
