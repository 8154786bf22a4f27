package dev.tutti.registry;

import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.registry.v1.Model;
import java.util.List;

/**
 * What the registry does not know itself and asks for. All methods throw {@link RefusedException}
 * with {@link Refusal.Unavailable} where the service that knows cannot be asked.
 */
public interface Neighbours {

  /**
   * What a model is.
   *
   * @param model as {@link Contracts#toInspect} tells of it
   * @throws RefusedException {@link Refusal.Invalid} with the decoder's reason where it cannot be
   *     opened
   */
  InspectResponse inspect(Model model);

  /**
   * The method of this name, whichever service has it.
   *
   * @throws RefusedException {@link Refusal.Invalid} where no service has it
   */
  MethodDescription method(String name);

  /** What is wrong with a recipe, by the service of its method's family; empty when it is good. */
  List<Violation> validate(Family family, Recipe recipe);
}
