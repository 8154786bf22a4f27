package dev.tutti.decoder;

import java.util.Optional;

/**
 * What one member did in an answer.
 *
 * @param tokensRead tokens that it read without having written them: its prompt, and text of steps
 *     that it sat out and was caught up with; 0 where it was never asked
 * @param tokensWritten steps that it took part in, the end included
 * @param failure why it was left out from some step on
 */
public record MemberActivity(int tokensRead, int tokensWritten, Optional<String> failure) {}
