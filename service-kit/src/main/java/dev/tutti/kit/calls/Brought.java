package dev.tutti.kit.calls;

/**
 * An answer that nobody needs to be asked for, as the caller has it.
 *
 * @param member place in the recipe of the member whose answer it is, from 0
 * @param purpose what the method would have asked for it for; empty for an answer to the query
 * @param answer the whole answer
 */
public record Brought(int member, String purpose, MemberAnswer answer) {}
