package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ModelPoolTest {

  private final Set<String> broken = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> loads = new ConcurrentLinkedQueue<>();
  private final AtomicLong now = new AtomicLong();
  private final ModelPool pool = new ModelPool(new Loader(), 100, now::get);

  /** A model takes as many bytes as its location says. */
  private final class Loader implements ModelLoader {
    @Override
    public long bytes(Model model) {
      return Long.parseLong(model.getLocation());
    }

    @Override
    public LanguageModel load(Model model) {
      if (broken.contains(model.getName())) {
        throw new ModelLoadException("model.onnx is broken");
      }
      loads.add(model.getName());
      return ScriptedModel.constant(model.getName(), List.of("a"), 1, 0);
    }
  }

  private static Model model(String name, int bytes) {
    return Model.newBuilder()
        .setName(name)
        .setVersion(1)
        .setRuntime(Runtime.RUNTIME_ONNX)
        .setLocation(Integer.toString(bytes))
        .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE)
        .build();
  }

  private void follow(Model... models) {
    pool.follow(Snapshot.newBuilder().addAllModels(List.of(models)).build());
  }

  private void use(String name) {
    now.addAndGet(1);
    pool.acquire(name, "model").close();
  }

  private Failure refused(String name) {
    return assertThrows(FailureException.class, () -> pool.acquire(name, "model")).failure();
  }

  private static void until(java.util.function.BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void beforeTheRegistrySpokeNothingIsKnown() {
    assertInstanceOf(Failure.Unavailable.class, refused("a"));
    follow();
    assertEquals("MODEL_NOT_FOUND", refused("a").reason());
  }

  @Test
  void modelsAreLoadedAheadAndOnce() throws Exception {
    follow(model("a", 40), model("b", 40));
    until(() -> pool.state().loaded() == 2);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> uses =
          java.util.stream.IntStream.range(0, 50)
              .<Future<?>>mapToObj(i -> threads.submit(() -> use(i % 2 == 0 ? "a" : "b")))
              .toList();
      for (Future<?> use : uses) {
        use.get();
      }
    }
    assertEquals(2, loads.size());
    assertEquals(80, pool.state().bytes());
  }

  @Test
  void theModelThatWasIdleLongestMakesRoom() {
    follow(model("a", 40), model("b", 40), model("c", 40));
    until(() -> pool.state().loaded() == 2);
    use("a");
    use("b");
    use("c");
    loads.clear();
    use("b");
    use("c");
    assertTrue(loads.isEmpty(), "b and c stayed");
    use("a");
    assertEquals(List.of("a"), List.copyOf(loads));
    assertEquals(80, pool.state().bytes());
  }

  @Test
  void amodelThatAnswersIsNotEvicted() {
    follow(model("a", 60), model("b", 60));
    try (var _ = pool.acquire("a", "model")) {
      Failure failure = refused("b");
      assertEquals("MEMORY_EXHAUSTED", failure.reason());
      assertTrue(failure.message().contains("60"), failure.message());
    }
    use("b");
  }

  @Test
  void nobodyIsUnloadedForAModelThatDoesNotFitAnyway() {
    follow(model("a", 40), model("b", 40), model("c", 70));
    until(() -> pool.state().loaded() == 2);
    try (var _ = pool.acquire("a", "model")) {
      Failure failure = refused("c");
      assertEquals("MEMORY_EXHAUSTED", failure.reason());
      assertTrue(failure.message().contains("40 are taken by models that answer now"));
      assertEquals(2, pool.state().loaded());
    }
  }

  @Test
  void aModelBeyondTheBudgetIsRefusedWithFigures() {
    follow(model("huge", 101));
    Failure failure = refused("huge");
    assertEquals("MODEL_TOO_LARGE", failure.reason());
    assertTrue(failure.message().contains("101") && failure.message().contains("100"));
  }

  @Test
  void whatTheRegistryTakesAwayIsUnloadedAfterItsLastUse() {
    follow(model("a", 40));
    ModelPool.Lease lease = pool.acquire("a", "model");
    follow();
    assertEquals("MODEL_NOT_FOUND", refused("a").reason());
    assertEquals(40, pool.state().bytes());
    lease.close();
    lease.close();
    // Loading ahead may still hold it for a moment.
    until(() -> pool.state().bytes() == 0);
  }

  @Test
  void retiredModelsAreRefusedAndUnloaded() {
    follow(model("a", 40));
    use("a");
    follow(model("a", 40).toBuilder().setLifecycle(Lifecycle.LIFECYCLE_RETIRED).build());
    Failure failure = refused("a");
    assertEquals("MODEL_NOT_SERVED", failure.reason());
    assertTrue(failure.message().contains("retired"));
    // Loading ahead may still hold it for a moment.
    until(() -> pool.state().bytes() == 0);
  }

  @Test
  void aNewLocationIsLoadedAndANewPriceIsNot() {
    follow(model("a", 40));
    use("a");
    follow(model("a", 40).toBuilder().setVersion(2).build());
    use("a");
    assertEquals(1, loads.size());
    follow(model("a", 50).toBuilder().setVersion(3).build());
    use("a");
    assertEquals(2, loads.size());
    // Loading ahead may still hold the former one for a moment.
    until(() -> pool.state().bytes() == 50);
  }

  @Test
  void aFailureStandsUntilItsTimeOrAChange() {
    broken.add("a");
    follow(model("a", 40));
    Failure failure = refused("a");
    assertEquals("MODEL_LOAD_FAILED", failure.reason());
    assertTrue(failure.message().contains("model.onnx is broken"));
    until(() -> pool.state().failed().containsKey("a"));
    assertEquals(0, pool.state().bytes());
    broken.clear();
    assertEquals("MODEL_LOAD_FAILED", refused("a").reason());
    now.addAndGet(Duration.ofSeconds(2).toNanos());
    use("a");
    assertTrue(pool.state().failed().isEmpty());

    broken.add("b");
    follow(model("b", 40));
    refused("b");
    broken.clear();
    follow(model("b", 40).toBuilder().setVersion(2).build());
    use("b");
  }

  @Test
  void endpointsAreNotServedHere() {
    follow(model("a", 1).toBuilder().setRuntime(Runtime.RUNTIME_OPENAI).build());
    assertEquals("RUNTIME_NOT_SERVED", refused("a").reason());
  }
}
