package dev.tutti.registry.testing;

import dev.tutti.kit.testing.EndedSpans;
import jakarta.inject.Singleton;

/** What traces of the registry under test tell. */
@Singleton
public class Spans extends EndedSpans {}
