package dev.tutti.router.method.contrastive;

import dev.tutti.router.FittedMethodContract;

class RouterDcEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "router-dc";
  }
}
