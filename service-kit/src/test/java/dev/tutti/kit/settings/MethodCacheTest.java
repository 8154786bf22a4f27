package dev.tutti.kit.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MethodCacheTest {

  record Settings() {}

  /** Made anew each time. */
  static final class Toy {}

  private final AtomicInteger made = new AtomicInteger();

  /** What happens while one is made. */
  private Runnable meanwhile = () -> {};

  private final MethodCache<Toy> cache =
      new MethodCache<>(
          MethodCatalog.of(
              MethodDefinition.of(
                  "toy",
                  Family.FAMILY_FUSION,
                  "A toy.",
                  "Nobody, never.",
                  Set.of(),
                  Members.atLeast(1),
                  true,
                  Toy.class,
                  new Settings(),
                  _ -> {
                    made.incrementAndGet();
                    meanwhile.run();
                    return new Toy();
                  })));

  private static Recipe recipe(long version) {
    return Recipe.newBuilder()
        .setEnsemble("e")
        .setVersion(version)
        .setMethod("toy")
        .addMembers(Member.newBuilder().setModel("m"))
        .build();
  }

  @Test
  void aRecipesMethodIsMadeOnce() {
    Toy one = cache.get(recipe(1));
    int before = made.get();
    assertSame(one, cache.get(recipe(1)));
    assertEquals(before, made.get());
    assertNotSame(one, cache.get(recipe(2)));
    assertSame(one, cache.get(recipe(1)));
    cache.forget();
    assertNotSame(one, cache.get(recipe(1)));
  }

  /** It may be of what has changed. */
  @Test
  void whatWasBegunBeforeAllWasForgottenIsNotKept() {
    meanwhile = () -> cache.forget();
    Toy old = cache.get(recipe(1));
    meanwhile = () -> {};
    assertNotSame(old, cache.get(recipe(1)));
  }

  @Test
  void theOneThatWasNotUsedForLongestIsForgotten() {
    Toy kept = cache.get(recipe(0));
    Toy gone = cache.get(recipe(1));
    for (int version = 2; version < 257; version++) {
      assertSame(kept, cache.get(recipe(0)));
      cache.get(recipe(version));
    }
    assertSame(kept, cache.get(recipe(0)));
    assertNotSame(gone, cache.get(recipe(1)));
  }

  @Test
  void aRecipeThatIsRefusedIsRefusedAgain() {
    Recipe wrong = recipe(1).toBuilder().setMethod("none").build();
    for (int i = 0; i < 2; i++) {
      assertThrows(FailureException.class, () -> cache.get(wrong));
    }
  }
}
