/**
 * Runs exported models in batches to measure them: in the tests of the default build and, under
 * profile {@code train}, in the trainer.
 */
package dev.tutti.starter.eval;
