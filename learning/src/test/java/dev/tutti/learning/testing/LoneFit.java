package dev.tutti.learning.testing;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.learning.FitContext;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** A fit of which nobody hears: its chance is seed 1, it keeps nothing, and nobody is asked. */
public final class LoneFit implements FitContext {

  @Override
  public RandomGenerator random() {
    return new SplittableRandom(1);
  }

  @Override
  public void progress(long done, long total, String message) {}

  @Override
  public Optional<byte[]> checkpoint() {
    return Optional.empty();
  }

  @Override
  public void checkpoint(byte[] checkpoint) {}

  @Override
  public List<float[]> embed(List<String> texts) {
    throw new AssertionError("Nothing is embedded.");
  }

  @Override
  public double usdLeft() {
    return 0;
  }

  @Override
  public double usdSpent() {
    return 0;
  }

  @Override
  public Completion ask(GenerateRequest request, double usd) {
    throw new AssertionError("Nobody is asked.");
  }
}
