package dev.tutti.router.decision;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberCall;
import java.util.Locale;
import java.util.Optional;

/** What failed of a request that was decided about. */
public enum Failed {
  /** It got no whole answer. */
  REQUEST,
  /** It got one, though a call of a member failed. */
  MEMBER;

  /** Empty where nothing did. */
  static Optional<Failed> of(Decision decision) {
    if (!decision.getFailure().isEmpty()) {
      return Optional.of(REQUEST);
    }
    return decision.getCandidatesList().stream().anyMatch(Failed::hasFailed)
        ? Optional.of(MEMBER)
        : Optional.empty();
  }

  /** One that was left out has a failure, too, but no call. */
  private static boolean hasFailed(Candidate candidate) {
    return (candidate.getCalled() && !candidate.getFailure().isEmpty() && !candidate.getUnneeded())
        || candidate.getCallsList().stream().anyMatch(Failed::hasFailed);
  }

  private static boolean hasFailed(MemberCall call) {
    return !call.getFailure().isEmpty() && !call.getUnneeded();
  }

  /** As callers and the table say it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one of this word. */
  public static Optional<Failed> of(String word) {
    for (Failed its : values()) {
      if (its.word().equals(word)) {
        return Optional.of(its);
      }
    }
    return Optional.empty();
  }
}
