package dev.tutti.cascade;

import java.util.OptionalDouble;

/** What a rule makes of an episode. */
public sealed interface Verdict {

  /** The rule's confidence in the latest answer, on its own scale; empty where there is none. */
  OptionalDouble confidence();

  /** Least confidence at which the latest answer is taken; empty where the rule has none for it. */
  OptionalDouble threshold();

  /** A sentence for people. */
  String explanation();

  /**
   * An answer is good enough, or the best there can be.
   *
   * @param stage place of the stage whose answer is given; it answered
   * @param confidence in the latest answer
   * @param threshold of the latest answer
   * @param explanation a sentence for people
   */
  record Accept(int stage, OptionalDouble confidence, OptionalDouble threshold, String explanation)
      implements Verdict {

    /** By no threshold. */
    public Accept(int stage, OptionalDouble confidence, String explanation) {
      this(stage, confidence, OptionalDouble.empty(), explanation);
    }
  }

  /**
   * The next member is asked.
   *
   * @param confidence in the latest answer
   * @param threshold of the latest answer
   * @param explanation a sentence for people
   */
  record Defer(OptionalDouble confidence, OptionalDouble threshold, String explanation)
      implements Verdict {

    /** By no threshold. */
    public Defer(OptionalDouble confidence, String explanation) {
      this(confidence, OptionalDouble.empty(), explanation);
    }
  }

  /**
   * No answer is good enough, and none is given.
   *
   * @param confidence in the latest answer
   * @param threshold of the latest answer
   * @param explanation a sentence for people
   */
  record Abstain(OptionalDouble confidence, OptionalDouble threshold, String explanation)
      implements Verdict {

    /** By no threshold. */
    public Abstain(OptionalDouble confidence, String explanation) {
      this(confidence, OptionalDouble.empty(), explanation);
    }
  }
}
