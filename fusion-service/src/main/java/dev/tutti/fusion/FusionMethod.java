package dev.tutti.fusion;

/**
 * A method of this family: one that looks at answers which all exist already, or one that says what
 * to ask next.
 */
public sealed interface FusionMethod permits Selector, Deliberation {}
