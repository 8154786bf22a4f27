/**
 * Members of any vocabulary as next-byte probabilities: each model's distribution over its own
 * tokens, summed up to what byte comes next, whatever the tokens by which the text was written.
 */
package dev.tutti.decoder.bytes;
