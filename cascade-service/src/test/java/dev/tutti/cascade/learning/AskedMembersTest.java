package dev.tutti.cascade.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.calls.Turn;
import dev.tutti.learning.FitContext;
import dev.tutti.registry.v1.Snapshot;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AskedMembersTest {

  private static Sampling sampling(boolean greedy) {
    var asked = new AtomicReference<GenerateRequest>();
    var context =
        (FitContext)
            Proxy.newProxyInstance(
                FitContext.class.getClassLoader(),
                new Class<?>[] {FitContext.class},
                (_, method, its) -> {
                  assertEquals("ask", method.getName());
                  asked.set((GenerateRequest) its[0]);
                  return Completion.newBuilder().setText("so").setCostUsd(1).build();
                });
    new AskedMembers(context, MemberPrices.of(Snapshot.getDefaultInstance()))
        .ask(new LiveCall("m", List.of(new Turn(Turn.Role.USER, "?")), 9, false, greedy), 1);
    return asked.get().getSampling();
  }

  @Test
  void whoIsGreedyIsAskedWithoutTemperature() {
    assertTrue(sampling(true).hasTemperature());
    assertEquals(0, sampling(true).getTemperature());
    assertFalse(sampling(false).hasTemperature());
    assertEquals(9, sampling(true).getMaxTokens());
  }
}
