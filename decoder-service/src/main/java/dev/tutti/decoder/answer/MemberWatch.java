package dev.tutti.decoder.answer;

import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.JointSettings;
import dev.tutti.decoder.JointSettings.OnMemberFailure;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Stages;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sees when a member of an answer has failed: tells it, or ends the answer, as the ensemble's
 * setting has it. Of one whose context is full it tells that the others go on. It looks before each
 * event, so that nothing is told that was written without a member that may not be missing.
 *
 * @param sink the call, which gets the events
 * @param told members of which it was told why they write no more
 * @param sample the first tokens of the answer of which it is told what members thought; few, for
 *     its decision
 */
record MemberWatch(
    RecipeRequest request,
    JointSettings settings,
    List<AnswerMember> members,
    JointSession session,
    EventSink<GenerateResponse> sink,
    BitSet told,
    List<TokenLogprob> sample)
    implements EventSink<GenerateResponse> {

  private static final int SAMPLE = 16;

  MemberWatch(
      RecipeRequest request,
      JointSettings settings,
      List<AnswerMember> members,
      JointSession session,
      EventSink<GenerateResponse> sink) {
    this(request, settings, members, session, sink, new BitSet(), new ArrayList<>());
  }

  @Override
  public void emit(GenerateResponse event) {
    look();
    event.getDelta().getLogprobsList().stream()
        .filter(token -> token.getMembersCount() > 0)
        .limit(SAMPLE - sample.size())
        .forEach(sample::add);
    sink.emit(event);
  }

  /**
   * Looks at all members.
   *
   * @throws FailureException naming the first that has failed, where that ends the answer
   */
  void look() {
    for (int m = 0; m < members.size(); m++) {
      Optional<String> failure = session.activity(m).failure();
      Optional<String> leftOut = session.leftOut(m);
      if (failure.isPresent() && !told.get(m)) {
        told.set(m);
        tell(m, failure.get());
      } else if (leftOut.isPresent() && !told.get(m)) {
        told.set(m);
        tell(Stages.LEFT_OUT, name(m), leftOut.get());
      }
    }
  }

  /** Whether one of those that failed is on another machine: it may be back for the next try. */
  boolean anyAway() {
    return IntStream.range(0, members.size())
        .anyMatch(m -> !members.get(m).computes() && session.activity(m).failure().isPresent());
  }

  private void tell(int member, String why) {
    String name = name(member);
    if (settings.onMemberFailure() == OnMemberFailure.FAIL) {
      String message = "The member '%s' failed: %s".formatted(name, why);
      throw (members.get(member).computes()
              ? new Failure.Internal("MODEL_FAILED", message)
              : new Failure.Unavailable("MEMBER_FAILED", message))
          .exception();
    }
    tell(Stages.FAILED, name, why);
  }

  private void tell(String stage, String name, String why) {
    sink.emit(
        GenerateResponse.newBuilder()
            .setProgress(Progress.newBuilder().setStage(stage).setMember(name).setMessage(why))
            .build());
  }

  private String name(int member) {
    return RecipeRequest.name(request.members().get(member));
  }
}
