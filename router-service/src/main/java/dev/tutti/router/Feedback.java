package dev.tutti.router;

import java.util.Set;

/**
 * What somebody says about an answer, with what the learner needs to place it. It may come late.
 */
public sealed interface Feedback {

  /** Embedding of the query that was answered; empty where the learner needs none. */
  float[] embedding();

  /**
   * One answer was rated.
   *
   * @param quality from 0 to 1; 1 for a correct one or a thumb up
   * @param usd what it cost
   * @param seconds how long it took
   * @param pool who could have been asked, this member among them; empty where nobody knows
   */
  record Rated(
      float[] embedding,
      String member,
      double quality,
      double usd,
      double seconds,
      Set<String> pool)
      implements Feedback {

    /** Where nobody knows who else could have been asked. */
    public Rated(float[] embedding, String member, double quality, double usd, double seconds) {
      this(embedding, member, quality, usd, seconds, Set.of());
    }

    /** Checks the numbers. */
    public Rated {
      pool = Set.copyOf(pool);
      requireFraction("quality", quality);
      requireInPool(member, pool);
      if (!(usd >= 0) || !(seconds >= 0) || Double.isInfinite(usd) || Double.isInfinite(seconds)) {
        throw new IllegalArgumentException(
            "The answer of %s cost %s US dollars and took %s seconds; both must be finite and not negative."
                .formatted(member, usd, seconds));
      }
    }
  }

  /**
   * Two answers were compared.
   *
   * @param score of the first: 1 it is better, 0.5 a tie, 0 the second is better
   */
  record Compared(float[] embedding, String first, String second, double score)
      implements Feedback {

    /** Checks the score, and that there are two. */
    public Compared {
      requireFraction("score", score);
      if (first.equals(second)) {
        throw new IllegalArgumentException("%s was compared with itself.".formatted(first));
      }
    }
  }

  /**
   * A member was asked and gave no answer. It says nothing about how good its answers are: learners
   * of that alone refuse it.
   *
   * @param pool who could have been asked, this member among them; empty where nobody knows
   */
  record Failed(float[] embedding, String member, Set<String> pool) implements Feedback {

    /** Checks that the member could have been asked. */
    public Failed {
      pool = Set.copyOf(pool);
      requireInPool(member, pool);
    }
  }

  private static void requireInPool(String member, Set<String> pool) {
    if (!pool.isEmpty() && !pool.contains(member)) {
      throw new IllegalArgumentException(
          "%s answered, but could not have been asked: %s.".formatted(member, pool));
    }
  }

  private static void requireFraction(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "%s is %s; it takes a number from 0 to 1.".formatted(name, value));
    }
  }
}
