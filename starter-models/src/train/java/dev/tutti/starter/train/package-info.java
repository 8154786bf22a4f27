/**
 * The trainer of the starter models (Maven profile {@code train}): recipes, the training loop with
 * its checkpoints, the folder that is committed, and what the models are worth together.
 */
package dev.tutti.starter.train;
