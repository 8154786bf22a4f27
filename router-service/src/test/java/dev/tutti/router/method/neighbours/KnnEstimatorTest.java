package dev.tutti.router.method.neighbours;

import dev.tutti.router.FittedMethodContract;

class KnnEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "knn";
  }
}
