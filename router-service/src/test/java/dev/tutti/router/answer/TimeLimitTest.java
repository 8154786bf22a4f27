package dev.tutti.router.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.google.protobuf.util.Durations;
import dev.tutti.generation.v1.Completion;
import dev.tutti.method.v1.Recipe;
import org.junit.jupiter.api.Test;

class TimeLimitTest {

  /** Else each answer stays in memory for as long as it might have taken. */
  @Test
  void whatWasInTimeIsForgotten() {
    Recipe recipe = Recipe.newBuilder().setTimeLimit(Durations.fromHours(1)).build();
    var done = new Result.Answered(Completion.getDefaultInstance());
    assertSame(done, TimeLimit.keep(recipe, () -> done));
    assertEquals(0, TimeLimit.CLOCK.getQueue().size());
  }
}
