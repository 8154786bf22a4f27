package dev.tutti.cascade.method.student;

/**
 * What the strong member answered to a question. The embedding is shared, not copied.
 *
 * @param embedding of the question, of unit length
 * @param answer in its canonical form: equal answers are one class
 */
public record Example(float[] embedding, String answer) {}
