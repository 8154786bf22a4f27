package dev.tutti.router.method.heads;

import dev.tutti.router.FittedMethodContract;

class ZooterEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "zooter";
  }
}
