package dev.tutti.router.method.cluster;

import dev.tutti.router.FittedMethodContract;

class ClusterEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "clusters";
  }
}
