package dev.tutti.registry.recording;

import dev.tutti.kit.grpc.Failure;

/** Who says how good an answer is. */
public sealed interface Scorer {

  /** Name of the scorer that asks a member. */
  String JUDGE = "judge";

  /** A comparison with what would be right. */
  record ByReference(Comparison comparison) implements Scorer {}

  /**
   * A member that reads question and answer, and what would be right where that is known: {@link
   * JudgePrompt}.
   *
   * @param member its name
   */
  record ByJudge(String member) implements Scorer {}

  /**
   * The scorer of this name.
   *
   * @param judge the member that judges; empty for the scorers that ask nobody
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}
   */
  static Scorer of(String word, String judge) {
    if (word.equals(JUDGE)) {
      if (judge.isEmpty()) {
        throw Failure.invalid(
            "parameters.judge", "judge is required with the scorer judge: a member's name.");
      }
      return new ByJudge(judge);
    }
    if (!judge.isEmpty()) {
      throw Failure.invalid(
          "parameters.judge",
          "judge is '%s', but the scorer '%s' asks nobody.".formatted(judge, word));
    }
    return new ByReference(
        Comparison.of(word)
            .orElseThrow(
                () ->
                    Failure.invalid(
                        "parameters.scorer",
                        "scorer is '%s'; it must be one of %s, %s."
                            .formatted(word, Comparison.words(), JUDGE))));
  }

  /** What would be right must be known. */
  default boolean needsReference() {
    return this instanceof ByReference;
  }
}
