package dev.tutti.router.method.heads;

import dev.tutti.router.FittedMethodContract;

class BenchCoeEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "bench-coe";
  }
}
