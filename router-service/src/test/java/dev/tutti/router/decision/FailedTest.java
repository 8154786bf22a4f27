package dev.tutti.router.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberCall;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailedTest {

  private static Optional<Failed> of(Candidate.Builder candidate) {
    return Failed.of(
        Decision.newBuilder()
            .addCandidates(Candidate.newBuilder().setCalled(true))
            .addCandidates(candidate)
            .build());
  }

  @Test
  void onlyACallThatWasMadeAndWaitedForFails() {
    assertEquals(
        Optional.of(Failed.MEMBER), of(Candidate.newBuilder().setCalled(true).setFailure("Full.")));
    assertEquals(Optional.empty(), of(Candidate.newBuilder().setFailure("Left out.")));
    assertEquals(
        Optional.empty(),
        of(Candidate.newBuilder().setCalled(true).setFailure("Not waited for").setUnneeded(true)));
    var call = MemberCall.newBuilder().setFailure("Full.");
    assertEquals(
        Optional.of(Failed.MEMBER), of(Candidate.newBuilder().setCalled(true).addCalls(call)));
    assertEquals(
        Optional.empty(),
        of(Candidate.newBuilder().setCalled(true).addCalls(call.setUnneeded(true))));
  }

  @Test
  void aRequestWithoutAWholeAnswerIsMoreThanAMemberThatFailed() {
    assertEquals(
        Optional.of(Failed.REQUEST),
        Failed.of(
            Decision.newBuilder()
                .setFailure("All failed.")
                .addCandidates(Candidate.newBuilder().setCalled(true).setFailure("Full."))
                .build()));
  }

  @Test
  void wordsAreRead() {
    for (Failed its : Failed.values()) {
      assertEquals(Optional.of(its), Failed.of(its.word()));
    }
    assertEquals(Optional.empty(), Failed.of("REQUEST"));
  }
}
