package dev.tutti.registry;

/**
 * The database was reached for the first time, and has the tables of this build: whoever reads them
 * by itself begins then.
 */
public record Migrated() {}
