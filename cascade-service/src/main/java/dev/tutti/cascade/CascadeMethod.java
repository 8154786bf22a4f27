package dev.tutti.cascade;

/**
 * A method of this family: one that says whom to ask next from the first step on, or one that only
 * says whether an answer is good enough, and leaves the order to the recipe.
 */
public sealed interface CascadeMethod permits Policy, DeferralRule {}
