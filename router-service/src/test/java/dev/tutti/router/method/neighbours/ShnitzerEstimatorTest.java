package dev.tutti.router.method.neighbours;

import dev.tutti.router.FittedMethodContract;

class ShnitzerEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "shnitzer";
  }
}
