package dev.tutti.cascade.method.agreement;

import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;

/** When a member's samples agree. */
sealed interface AgreementRule {

  /** Least share of the samples that must say the same; empty where that is not what it asks. */
  OptionalDouble threshold(int member);

  /**
   * A sentence for people.
   *
   * @param agrees whether they do
   * @param share of the samples that say what most say
   */
  String explanation(boolean agrees, double share, int member);

  /**
   * The most frequent answer, whatever its source, has such a share of the samples.
   *
   * @param least by member
   */
  record Vote(IntToDoubleFunction least) implements AgreementRule {

    @Override
    public OptionalDouble threshold(int member) {
      return OptionalDouble.of(least.applyAsDouble(member));
    }

    @Override
    public String explanation(boolean agrees, double share, int member) {
      return "agreement %.3f %s threshold %.3f."
          .formatted(share, agrees ? ">=" : "<", least.applyAsDouble(member));
    }
  }

  /** The most frequent answer of each source is the same. */
  record Verify() implements AgreementRule {

    @Override
    public OptionalDouble threshold(int member) {
      return OptionalDouble.empty();
    }

    @Override
    public String explanation(boolean agrees, double share, int member) {
      return agrees
          ? "The most frequent answers of its two sources are the same."
          : "The most frequent answers of its two sources are not the same.";
    }
  }
}
