package dev.tutti.kit.calls;

/**
 * Which answer of a request it is: each is identified by its call and its sample.
 *
 * @param call number of the call within the request, from 0, in the order in which they were asked
 * @param sample which of the call's samples, from 0
 * @param member place of the member in the recipe; {@link Call#PLATFORM} for nobody's
 * @param round in which round it was asked, from 1
 * @param purpose what for, where it is not for an answer to the query; else empty
 */
public record Asked(int call, int sample, int member, int round, String purpose) {}
