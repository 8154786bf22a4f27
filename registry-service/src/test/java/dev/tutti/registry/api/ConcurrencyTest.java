package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class ConcurrencyTest {

  private static final int MANY = 24;

  @Test
  void ofChangesBasedOnTheSameVersionExactlyOneWins() throws Exception {
    Rest.createModel("raced", "full");
    for (int round = 1; round <= 3; round++) {
      String etag = "\"%d\"".formatted(round);
      List<Integer> statuses =
          atOnce(
              i ->
                  Rest.put("models/raced", Rest.model("raced", "full").replace("1.5", "" + i), etag)
                      .status());
      assertEquals(1, Collections.frequency(statuses, 200), statuses.toString());
      assertEquals(MANY - 1, Collections.frequency(statuses, 412), statuses.toString());
    }
    assertEquals("\"4\"", Rest.get("models/raced").etag());
  }

  @Test
  void ofRegistrationsOfOneNameExactlyOneWins() throws Exception {
    Rest.createModel("raced-member", "full");
    List<Integer> statuses =
        atOnce(
            i ->
                i % 2 == 0
                    ? Rest.post("models", Rest.model("raced-name", "full")).status()
                    : Rest.post("ensembles", Rest.ensemble("raced-name", "coin", "m:raced-member"))
                        .status());
    assertEquals(1, Collections.frequency(statuses, 201), statuses.toString());
    assertEquals(MANY - 1, Collections.frequency(statuses, 409), statuses.toString());
  }

  @Test
  void changesOfDifferentEntriesAllSucceed() throws Exception {
    List<Integer> statuses =
        atOnce(i -> Rest.post("models", Rest.model("raced-" + i, "full")).status());
    assertEquals(MANY, Collections.frequency(statuses, 201), statuses.toString());
  }

  @Test
  void changesThatAreRightEachByItselfDoNotMakeACycle() throws Exception {
    Rest.createModel("ring", "full");
    for (int i = 0; i < MANY; i++) {
      Rest.createEnsemble("ring-" + i, "coin", "m:ring");
    }
    // Each wants its successor as a member: all of them together would be a ring.
    List<Integer> statuses =
        atOnce(
            i ->
                Rest.put(
                        "ensembles/ring-" + i,
                        Rest.ensemble("ring-" + i, "coin", "e:ring-" + (i + 1) % MANY),
                        "*")
                    .status());
    assertTrue(statuses.contains(422), statuses.toString());
    assertTrue(statuses.stream().allMatch(s -> s == 200 || s == 422), statuses.toString());
  }

  @Test
  void aMemberIsNotRetiredWhileAnEnsembleTakesIt() throws Exception {
    for (int round = 0; round < 5; round++) {
      String model = "taken-" + round;
      Rest.createModel(model, "full");
      List<Integer> statuses =
          atOnce(
              i ->
                  i % 2 == 0
                      ? Rest.move("models/" + model, "retired").status()
                      : Rest.post(
                              "ensembles", Rest.ensemble(model + "-e" + i, "coin", "m:" + model))
                          .status());
      boolean retired = statuses.contains(200);
      boolean taken = statuses.contains(201);
      assertTrue(retired ^ taken, statuses.toString());
    }
  }

  private static <T> List<T> atOnce(IntFunction<T> work) throws Exception {
    var ready = new CountDownLatch(MANY);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<T>>();
      for (int i = 0; i < MANY; i++) {
        int number = i;
        Callable<T> task =
            () -> {
              ready.countDown();
              ready.await();
              return work.apply(number);
            };
        running.add(threads.submit(task));
      }
      var results = new ArrayList<T>();
      for (Future<T> result : running) {
        results.add(result.get());
      }
      return results;
    }
  }
}
