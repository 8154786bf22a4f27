package dev.tutti.router;

import java.util.List;
import java.util.SortedMap;

/**
 * A router that learns from feedback while it runs. Thread-safe: routes are made from what was
 * known when they began; what it is brought to, it is brought to one after the other.
 *
 * <p>Its state is a function of the feedback in the order in which it was observed, and of {@link
 * #basis}, and of nothing else (no clock, no chance, no pool): who learns the same log from the
 * same state has the same state, bit for bit, on any machine.
 */
public interface Observing {

  /** How a service keeps what a learner knows of a member. */
  enum Kind {
    /** Two numbers, {@code {rating, observations}}. */
    ELO_RATING,
    /** Any numbers. */
    BANDIT_ARM
  }

  /**
   * What is known after one more piece of feedback. Changes nothing here.
   *
   * @throws IllegalArgumentException when the feedback is nothing that it can learn from
   */
  OnlineState learn(OnlineState known, Feedback feedback);

  /** What was learned so far. */
  OnlineState state();

  /**
   * Forgets everything and goes on from a state.
   *
   * @param log the last {@link #remembered} pieces of the feedback that made it, or all where there
   *     are fewer, in order
   */
  void restore(OnlineState state, List<Feedback> log);

  /**
   * Goes on to a later state.
   *
   * @param since the feedback that led from the present state to it, in order; may be empty for a
   *     learner that remembers none
   */
  void advance(OnlineState state, List<Feedback> since);

  /**
   * Learns.
   *
   * @throws IllegalArgumentException when the feedback is nothing that it can learn from; the state
   *     is as before
   */
  void observe(Feedback feedback);

  /** Most pieces of feedback that it needs beside its state; 0 where the state is all. */
  default int remembered() {
    return 0;
  }

  /** Whether a call without an answer ({@link Feedback.Failed}) is something to learn from. */
  default boolean learnsFromFailures() {
    return false;
  }

  /** The settings that the state depends on, as text: learners of one basis share their states. */
  String basis();

  /** How its arms are kept. */
  Kind kind();

  /** An arm of its state for people: its numbers by name. */
  SortedMap<String, Double> shown(double[] arm);
}
