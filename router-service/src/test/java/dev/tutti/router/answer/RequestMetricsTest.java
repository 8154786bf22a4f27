package dev.tutti.router.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.generation.v1.Usage;
import dev.tutti.router.access.Caller;
import dev.tutti.router.decision.Spend;
import io.grpc.Context;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class RequestMetricsTest {

  @Test
  void whatWasSpentBelowAnotherRequestIsThatOnes() {
    Caller.NOBODY.in(Context.current()).run(RequestMetricsTest::belowAnother);
  }

  private static void belowAnother() {
    var meters = new SimpleMeterRegistry();
    var metrics = new RequestMetrics(meters);
    Spend spend = Spend.of(Usage.getDefaultInstance(), 0.25);
    metrics.start("outer", 0).answered(spend);
    metrics.start("inner", 1).answered(spend);
    metrics.start("inner", 2).failed(new IllegalStateException(), spend);
    double sum =
        meters.find("tutti.spend.usd").counters().stream().mapToDouble(c -> c.count()).sum();
    assertEquals(0.25, sum);
    assertEquals(0.5, meters.get("tutti.router.cost.usd").tag("name", "inner").counter().count());
  }
}
