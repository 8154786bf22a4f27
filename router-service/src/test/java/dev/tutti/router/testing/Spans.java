package dev.tutti.router.testing;

import dev.tutti.kit.testing.EndedSpans;
import jakarta.inject.Singleton;

/** What traces of the router under test tell. */
@Singleton
public class Spans extends EndedSpans {}
