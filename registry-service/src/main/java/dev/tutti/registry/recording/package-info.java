/**
 * Recordings: jobs that ask members the questions of an uploaded body, score what they answer, and
 * make recorded outcomes of it.
 */
package dev.tutti.registry.recording;
