package dev.tutti.cascade;

/**
 * A method of this family: one that says whom to ask next from the first step on, one that only
 * says whether an answer is good enough, and leaves the order to the recipe, or one whose steps
 * stand on what its ensemble solved before.
 */
public sealed interface CascadeMethod permits Policy, DeferralRule, Recalling {

  /**
   * Whether it asks members at a temperature above 0 of its own, whatever the request's: then the
   * same request may have another answer the next time.
   */
  default boolean draws() {
    return false;
  }
}
