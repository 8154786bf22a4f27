package dev.tutti.router.method.preference;

import dev.tutti.router.FittedMethodContract;

class MatrixFactorizationEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "matrix-factorization";
  }
}
