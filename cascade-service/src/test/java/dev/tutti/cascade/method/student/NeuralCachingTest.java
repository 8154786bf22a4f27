package dev.tutti.cascade.method.student;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.PolicyContract;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode.Failed;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is done where a member is asked; when it is, {@link NeuralCacheTest} tells. */
class NeuralCachingTest extends PolicyContract {

  @Override
  protected Policy policy(int members, Random random) {
    return new NeuralCaching(NeuralCache.Settings.DEFAULTS);
  }

  @Test
  void theNextMemberIsAskedOnlyWhereOneFails() {
    Policy policy = policy(2, new Random(1));
    var first = assertInstanceOf(Policy.Ask.class, policy.next(episode(2, List.of(), false)));
    assertTrue(first.live());
    var answered =
        List.<dev.tutti.kit.calls.Episode.Stage>of(says(new Asked(0, 0, 0, 1, ""), "", -9));
    assertEquals(
        0, assertInstanceOf(Policy.Accept.class, policy.next(episode(2, answered, false))).stage());
    var failed = List.<dev.tutti.kit.calls.Episode.Stage>of(new Failed(new Asked(0, 0, 0, 1, "")));
    var second = assertInstanceOf(Policy.Ask.class, policy.next(episode(2, failed, false)));
    assertEquals(List.of(Generate.asAsked(1)), second.calls());
    assertInstanceOf(Policy.Abstain.class, policy.next(episode(2, failed, true)));
  }
}
