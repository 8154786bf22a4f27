package dev.tutti.router.method.factor;

import dev.tutti.router.FittedMethodContract;

class RoutooEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "routoo";
  }
}
