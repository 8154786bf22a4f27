package dev.tutti.router.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.testing.ScriptedFusion;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What fusions of brought answers take from the budget of a day: anna and bert are members. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class FusionBudgetTest {

  /** Question and answers are 3 tokens together, 256 may be written; at 1 and 2 USD a million. */
  private static final double ONE = (3 + 256 * 2) / 1e6;

  @Inject Budgets budgets;

  private Account account;

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  /**
   * With so much left that nothing is paid in or out meanwhile: half of it at most is set aside.
   */
  private Account account(String name) throws InterruptedException {
    Account its =
        budgets
            .account(
                budgets.limited().stream()
                    .filter(recipe -> recipe.getEnsemble().equals(name))
                    .findFirst()
                    .orElseThrow())
            .orElseThrow();
    for (int i = 0; i < 500 && !its.known(); i++) {
      Thread.sleep(10);
    }
    synchronized (its.ledgerLock) {
      its.pay(0.4 - its.left());
    }
    return its;
  }

  private static Http.Answer fuse(String model, int maxTokens) {
    return Http.post(
        "/v1/fuse",
        """
        {"model": "%s", "messages": [{"role": "user", "content": "7+7="}], "max_tokens": %d,
         "answers": [{"member": "anna", "content": "14"}, {"member": "anna", "content": "15"}]}"""
            .formatted(model, maxTokens));
  }

  /** What is set aside while it runs, by whose answers are there already. */
  private double reserved(String name) throws InterruptedException {
    account = account(name);
    var during = new CopyOnWriteArrayList<Double>();
    Neighbourhood.fuser.script(
        request -> {
          during.add(account.settled() - account.left());
          return ScriptedFusion.first(request);
        });
    assertEquals(200, fuse(name, 256).status());
    return during.getFirst();
  }

  @Test
  void whoMayBeAskedAgainIsPaidForBefore() throws InterruptedException {
    assertEquals(0, reserved("vote-fused"), 1e-12);
    // Both: a debate asks whoever brought an answer too.
    assertEquals(2 * ONE, reserved("debate-fused"), 1e-12);
  }

  /** Half a US dollar is held at most; each is expected to cost four. */
  @Test
  void thoseAtOnceDoNotAllPassWhatIsLeft() throws Exception {
    account = account("debate-fused");
    var entered = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    Neighbourhood.fuser.script(
        request -> {
          entered.countDown();
          await(go);
          return ScriptedFusion.first(request);
        });
    var first = new AtomicInteger();
    Thread running =
        Thread.startVirtualThread(() -> first.set(fuse("debate-fused", 1_000_000).status()));
    try {
      entered.await();
      assertEquals(429, fuse("debate-fused", 1_000_000).status());
    } finally {
      go.countDown();
    }
    running.join();
    assertEquals(200, first.get());
    assertEquals(1, Neighbourhood.fuser.requests().size());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private double cost(String name, Function<FuseRequest, FuseResponse> script)
      throws InterruptedException {
    account = account(name);
    var before = new CopyOnWriteArrayList<Double>();
    Neighbourhood.fuser.script(
        request -> {
          before.add(account.settled());
          return script.apply(request);
        });
    Http.Answer answer = fuse(name, 256);
    assertTrue(answer.status() >= 400, answer.body());
    return before.getFirst() - account.settled();
  }

  @Test
  void aFusionThatFailsCostsWhatItToldThatItUsed() throws InterruptedException {
    Spent spent =
        Spent.newBuilder()
            .setUsage(Usage.newBuilder().setPromptTokens(7).setCompletionTokens(2))
            .setCostUsd(0.01)
            .build();
    assertEquals(
        0.01,
        cost(
            "debate-fused",
            _ -> {
              throw new FailureException(
                  new Failure.Unavailable("ENDPOINT_CUT", "Cut off."), null, spent);
            }),
        1e-9);
  }

  @Test
  void whoWasAwayOrRefusedCostsNothing() throws InterruptedException {
    assertEquals(
        0,
        cost(
            "debate-fused",
            _ -> {
              throw new Failure.Unavailable("MEMBERS_DOWN", "All are away.").exception();
            }),
        1e-12);
    assertEquals(
        0,
        cost(
            "debate-fused",
            _ -> {
              throw new Failure.InvalidArgument("answers", "INVALID_ARGUMENT", "No.").exception();
            }),
        1e-12);
  }

  /** Nothing registered is meant by the name that such a recipe has: its method tells. */
  @Test
  void aMethodOfTheCallersIsEstimatedByWhetherItAsksAgain() {
    Neighbourhood.fuser.script(
        _ -> {
          throw new IllegalStateException("A fault of ours.");
        });
    // Its decision is kept, as of what cost something.
    assertEquals(200, broken("debate").status());
    // A vote asks nobody who has answered: nothing was used, and nothing is kept.
    assertEquals(404, broken("majority-vote").status());
  }

  /** The decision of one that breaks off. */
  private static Http.Answer broken(String method) {
    Http.Answer answer =
        Http.post(
            "/v1/fuse",
            """
            {"method": "%s", "messages": [{"role": "user", "content": "7+7="}], "max_tokens": 256,
             "answers": [{"member": "anna", "content": "14"}, {"member": "bert", "content": "15"}]}"""
                .formatted(method));
    assertTrue(answer.status() >= 500, answer.body());
    return Http.get("/v1/decisions/" + answer.header("x-tutti-decision-id"));
  }

  @Test
  void oneThatBreaksOffCostsWhatItWasExpectedTo() throws InterruptedException {
    assertEquals(
        2 * ONE,
        cost(
            "debate-fused",
            _ -> {
              throw new IllegalStateException("A fault of ours.");
            }),
        1e-12);
  }
}
