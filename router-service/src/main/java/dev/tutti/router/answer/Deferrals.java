package dev.tutti.router.answer;

import dev.tutti.cascade.v1.BroughtAnswer;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.access.Caller;
import dev.tutti.router.answer.CallerRecipes.Whose;
import dev.tutti.router.members.Neighbours;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Says what a cascade does with answers that a caller brings along: a registered one, or a method
 * that the caller names. Nobody is asked for an answer, and nothing is spent; the decision is kept.
 */
@ApplicationScoped
public class Deferrals {

  private final CallerRecipes recipes;
  private final BroughtRequests requests;
  private final Neighbours neighbours;

  Deferrals(CallerRecipes recipes, BroughtRequests requests, Neighbours neighbours) {
    this.recipes = recipes;
    this.requests = requests;
    this.neighbours = neighbours;
  }

  /**
   * Decides.
   *
   * @param asked its request has an id; the request's target is the name of an ensemble, or a
   *     recipe with the caller's method, settings, and members in their order, who need not be
   *     registered
   * @throws FailureException where something of it is wrong, or cascade-service cannot be reached
   */
  public DecideResponse decide(DecideRequest asked) {
    List<Whose> answers =
        asked.getAnswersList().stream()
            .map(its -> new Whose(its.getMember(), its.getLogprobsCount() > 0))
            .toList();
    return requests.answer(
        asked.getRequest(),
        Family.FAMILY_CASCADE,
        answers,
        new BroughtRequests.Work<DecideResponse>() {
          @Override
          public OptionalDouble usd(Recipe recipe) {
            return OptionalDouble.empty();
          }

          @Override
          public DecideResponse ask(Recipe recipe) {
            return neighbours.decide(request(asked, recipe));
          }

          @Override
          public Completion completion(DecideResponse response) {
            return Completion.newBuilder().setDecision(response.getDecision()).build();
          }
        });
  }

  private DecideRequest request(DecideRequest asked, Recipe recipe) {
    DecideRequest.Builder request = asked.toBuilder();
    request.getRequestBuilder().setRecipe(recipe).setTeam(Caller.current().toldTeam());
    for (BroughtAnswer.Builder its : request.getAnswersBuilderList()) {
      its.setMember(recipes.member(recipe, its.getMember()));
    }
    return request.build();
  }
}
