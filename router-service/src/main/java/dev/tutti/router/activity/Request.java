package dev.tutti.router.activity;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * A request that is over.
 *
 * @param time of its decision
 * @param promptTokens tokens read, over all members
 * @param completionTokens tokens written, over all members
 * @param usd US dollars that it cost
 */
public record Request(
    Instant time, long promptTokens, long completionTokens, BigDecimal usd, Ending ending) {}
