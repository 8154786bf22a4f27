package dev.tutti.kit.settings;

import dev.tutti.method.v1.Recipe;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Methods that were made, by their recipe: one is made when its recipe is first seen, not at every
 * request. Keeps the {@value #MOST} that were used last. Thread-safe.
 *
 * @param <M> the family's interface
 */
public final class MethodCache<M> {

  private static final int MOST = 256;

  private final MethodCatalog<M> catalog;

  private final Map<Recipe, M> made =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Recipe, M> eldest) {
          return size() > MOST;
        }
      };

  /** How often all was forgotten; guarded by {@code made}. */
  private int forgotten;

  /** Of methods that this catalog makes. */
  public MethodCache(MethodCatalog<M> catalog) {
    this.catalog = catalog;
  }

  /**
   * The method that a recipe names, with the recipe's settings.
   *
   * @throws dev.tutti.kit.grpc.FailureException as {@link MethodCatalog#create}; a recipe that is
   *     refused is not kept
   */
  public M get(Recipe recipe) {
    int before;
    synchronized (made) {
      M known = made.get(recipe);
      if (known != null) {
        return known;
      }
      before = forgotten;
    }
    M method = catalog.create(recipe);
    synchronized (made) {
      // Else it may be of what has changed meanwhile.
      if (forgotten == before) {
        made.put(recipe, method);
      }
    }
    return method;
  }

  /** Forgets all: what methods are made of has changed. */
  public void forget() {
    synchronized (made) {
      made.clear();
      forgotten++;
    }
  }
}
