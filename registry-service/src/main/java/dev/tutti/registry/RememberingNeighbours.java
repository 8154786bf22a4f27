package dev.tutti.registry;

import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.registry.v1.Model;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks each question once: a registration that is planned again because another one came first does
 * not open the model again. Lives as long as one request; confined to one thread.
 */
final class RememberingNeighbours implements Neighbours {

  private final Neighbours asked;
  private final Map<Model, InspectResponse> inspections = new HashMap<>();
  private final Map<String, MethodDescription> methods = new HashMap<>();
  private final Map<Recipe, List<Violation>> violations = new HashMap<>();

  RememberingNeighbours(Neighbours asked) {
    this.asked = asked;
  }

  @Override
  public InspectResponse inspect(Model model) {
    return inspections.computeIfAbsent(model, asked::inspect);
  }

  @Override
  public MethodDescription method(String name) {
    return methods.computeIfAbsent(name, asked::method);
  }

  @Override
  public List<Violation> validate(Family family, Recipe recipe) {
    return violations.computeIfAbsent(recipe, r -> asked.validate(family, r));
  }
}
