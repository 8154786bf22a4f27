package dev.tutti.cascade.method.student;

import java.util.Optional;

/**
 * A question that went by: what is kept of it, and all that the student learns from.
 *
 * @param need how much asking the strong member was wanted ({@link NeuralCache.Advice#need})
 * @param example what the strong member answered; empty where it was not asked, or failed
 */
public record Observation(double need, Optional<Example> example) {}
