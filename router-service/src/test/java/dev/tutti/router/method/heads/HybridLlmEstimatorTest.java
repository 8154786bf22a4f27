package dev.tutti.router.method.heads;

import dev.tutti.router.FittedMethodContract;

class HybridLlmEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "hybrid-llm";
  }

  /** The smallest wins every tie. */
  @Override
  protected boolean findsSpecialists() {
    return false;
  }

  /** Of equal ones the smaller is always as good. */
  @Override
  protected double toleranceOfEqualMembers() {
    return 1;
  }
}
