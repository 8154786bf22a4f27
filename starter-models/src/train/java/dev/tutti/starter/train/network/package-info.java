/** The network in training: its shape, its weights, its gradient and its optimiser. */
package dev.tutti.starter.train.network;
