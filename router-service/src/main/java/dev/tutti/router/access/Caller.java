package dev.tutti.router.access;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import io.grpc.Context;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Who asks. It travels with the gRPC context of a call, to whatever works for it.
 *
 * @param key that it brought; empty where none was asked for
 * @param platform whether it is a service of this platform, which acts for somebody who was let in
 */
public record Caller(Optional<ApiKey> key, boolean platform) {

  /** Who came without a key, where none is asked for. */
  public static final Caller NOBODY = new Caller(Optional.empty(), false);

  /** A service of this platform. */
  public static final Caller PLATFORM = new Caller(Optional.empty(), true);

  /** What spend and decisions without a key are told as. */
  public static final String NO_TEAM = "none";

  private static final Context.Key<Caller> CURRENT = Context.key("caller");

  /** Who brought a key. */
  static Caller of(ApiKey key) {
    return new Caller(Optional.of(key), false);
  }

  /**
   * Who asks for what this thread does. What the platform does by itself says so, as {@link
   * #PLATFORM}.
   *
   * @throws IllegalStateException where that was lost on the way: nobody is taken for somebody who
   *     may more
   */
  public static Caller current() {
    Caller its = CURRENT.get();
    if (its == null) {
      throw new IllegalStateException("It is not known who asks: the context of the call was lost");
    }
    return its;
  }

  /** The context of a call that this one made. */
  public Context in(Context context) {
    return context.withValue(CURRENT, this);
  }

  /** Does something for this caller. */
  public <T> T call(Callable<T> work) throws Exception {
    return in(Context.current()).call(work);
  }

  /** Its team; {@value #NO_TEAM} without a key. */
  public String team() {
    return key.map(ApiKey::getTeam).orElse(NO_TEAM);
  }

  /** The same for requests that are handed on; empty without a key. */
  public String toldTeam() {
    return key.map(ApiKey::getTeam).orElse("");
  }

  /** Id of its key; empty without one. */
  public String keyId() {
    return key.map(ApiKey::getId).orElse("");
  }

  /**
   * The team whose decisions, feedback and spend alone it sees; empty where it sees all. Without a
   * key that is what was asked without one.
   */
  public Optional<String> onlyTeam() {
    boolean all =
        platform
            || key.filter(its -> its.getScopesList().contains(KeyScope.KEY_SCOPE_ADMIN))
                .isPresent();
    return all ? Optional.empty() : Optional.of(team());
  }

  /**
   * Whether it sees what belongs to a team.
   *
   * @param team empty for what was kept before there were any
   */
  public boolean sees(String team) {
    return onlyTeam().map(its -> its.equals(team.isEmpty() ? NO_TEAM : team)).orElse(true);
  }

  /** Whether it may ask what has this name of its own. */
  public boolean mayAsk(String own) {
    return key.map(its -> its.getModelsCount() == 0 || its.getModelsList().contains(own))
        .orElse(true);
  }

  /**
   * Refuses what it may not ask.
   *
   * @param own name of the model or ensemble, whatever it was called by
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.PermissionDenied}
   */
  public void requireMayAsk(String own) {
    if (!mayAsk(own)) {
      throw new Failure.PermissionDenied(
              "MODEL_NOT_ALLOWED",
              "Key %s may not ask '%s'; GET /v1/models lists what it may.".formatted(keyId(), own))
          .exception();
    }
  }

  /**
   * Refuses a recipe that somebody sends whose key names what it may ask: the recipe says itself
   * who answers.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.PermissionDenied}
   */
  public void requireMaySendRecipes() {
    if (key.isPresent() && key.get().getModelsCount() > 0) {
      throw new Failure.PermissionDenied(
              "RECIPE_NOT_ALLOWED",
              "Key %s may ask some models and ensembles only, and sends no recipes of its own."
                  .formatted(keyId()))
          .exception();
    }
  }

  /**
   * Refuses to be asked as a part of another answer: that would be nobody's, and cost nothing.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.PermissionDenied}
   */
  public void requireMayNest() {
    if (key.isPresent()) {
      throw new Failure.PermissionDenied(
              "DEPTH_NOT_ALLOWED",
              "depth is for services of this platform; key %s is none's.".formatted(keyId()))
          .exception();
    }
  }
}
