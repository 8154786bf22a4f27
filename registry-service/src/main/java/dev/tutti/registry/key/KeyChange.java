package dev.tutti.registry.key;

/** Teams or keys are others by now. */
public record KeyChange() {}
