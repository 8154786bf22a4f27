package dev.tutti.registry;

/**
 * Who asks for a change.
 *
 * @param name 1 to 128 printable characters; "anonymous" where nobody said
 * @param traceId of the request, 32 hexadecimal digits
 */
public record Author(String name, String traceId) {}
