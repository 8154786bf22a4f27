package dev.tutti.router.members;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Model;
import dev.tutti.router.Router;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.util.Map;

/** What a name stands for at one revision of the registry. */
public sealed interface Entry {

  /** The name. */
  String name();

  /** Version of the registration; 0 where it is not registered. */
  long version();

  /**
   * A model.
   *
   * @param model as it is registered
   * @param member as the decoder wants it, with prices
   */
  record Single(Model model, Member member) implements Entry {
    @Override
    public String name() {
      return model.getName();
    }

    @Override
    public long version() {
      return model.getVersion();
    }
  }

  /**
   * An ensemble of another service.
   *
   * @param recipe with all of its members
   * @param family during or after inference; says which service answers
   */
  record Elsewhere(Recipe recipe, Family family) implements Entry {
    @Override
    public String name() {
      return recipe.getEnsemble();
    }

    @Override
    public long version() {
      return recipe.getVersion();
    }
  }

  /**
   * An ensemble of this service.
   *
   * @param recipe with all of its members
   * @param router its method
   * @param unavailable why a member cannot be called, by its name
   * @param embeds whether its method looks at the query's embedding
   */
  record Routed(Recipe recipe, Router router, Map<String, String> unavailable, boolean embeds)
      implements Entry {

    /**
     * All of its members can be called.
     *
     * @throws dev.tutti.kit.grpc.FailureException where the recipe does not fit its method
     */
    public static Routed of(Recipe recipe, MethodCatalog<Router> catalog) {
      return new Routed(
          recipe,
          catalog.create(recipe),
          Map.of(),
          embeds(catalog.find(recipe.getMethod()).orElseThrow()));
    }

    static boolean embeds(MethodDefinition<Router> method) {
      return method.needs().contains(Capability.CAPABILITY_EMBEDDING);
    }

    /** The same; these cannot be called. */
    public Routed without(Map<String, String> others) {
      return new Routed(recipe, router, others, embeds);
    }

    /** Keeps its own copy. */
    public Routed {
      unavailable = Map.copyOf(unavailable);
    }

    @Override
    public String name() {
      return recipe.getEnsemble();
    }

    @Override
    public long version() {
      return recipe.getVersion();
    }
  }

  /** A registration that is not served, and why. */
  record Unserved(String name, long version, Failure why) implements Entry {

    /** Whether somebody said that it answers no more. */
    public boolean isRetired() {
      return why.reason().endsWith("_RETIRED");
    }
  }
}
