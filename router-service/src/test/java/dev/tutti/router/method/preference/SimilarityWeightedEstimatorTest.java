package dev.tutti.router.method.preference;

import dev.tutti.router.FittedMethodContract;

class SimilarityWeightedEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "similarity-weighted";
  }
}
