package dev.tutti.registry.signin;

/** Somebody signed in who never had: from now on that is asked for. */
public record UserChange() {}
