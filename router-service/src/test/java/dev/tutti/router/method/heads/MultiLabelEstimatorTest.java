package dev.tutti.router.method.heads;

import dev.tutti.router.FittedMethodContract;

class MultiLabelEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "multi-label";
  }
}
