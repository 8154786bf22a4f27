package dev.tutti.registry.testing;

import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.MemberOpinion;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.kit.grpc.Stages;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * Members whose names begin with {@code asked-} or {@code shown-}, whose answer is {@value #TEXT},
 * and who are no friends of whoever shows it. Asked {@code hold} they write a beginning and wait
 * for a permit, asked {@code fail} they fail after they spent something, asked {@code unknown}
 * nobody is known by that name.
 */
public final class ScriptedAnswers {

  /** The answer. */
  public static final String TEXT = "<b onclick=\"alert(1)\">Sieben</b> né";

  private static final List<String> PIECES = List.of("<b onclick=\"alert(1)\">", "Sieben", "</b>");

  private final List<GenerateRequest> requests = new CopyOnWriteArrayList<>();
  private final Semaphore held = new Semaphore(0);
  private final Semaphore calledOff = new Semaphore(0);

  /** What they were asked, in the order in which it arrived. */
  public List<GenerateRequest> requests() {
    return requests;
  }

  /** Gets a permit for every answer that may go on. */
  public Semaphore held() {
    return held;
  }

  /** Has a permit for every answer that was waited for and called off. */
  public Semaphore calledOff() {
    return calledOff;
  }

  /** Whether one of them is asked, who answers then. */
  boolean take(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    boolean isTheirs = request.getName().matches("(asked|shown)-.*");
    if (isTheirs) {
      ServerCalls.generating(observer, sink -> answer(request, sink));
    }
    return isTheirs;
  }

  private void answer(GenerateRequest request, EventSink<GenerateResponse> sink) {
    requests.add(request);
    switch (request.getMessages(request.getMessagesCount() - 1).getContent()) {
      case "unknown" ->
          throw new Failure.NotFound("name", "MODEL_NOT_FOUND", "There is no such thing.")
              .exception();
      case "fail" -> {
        sink.emit(Stages.progress(Stages.ASKING, "anna", "", 0.5));
        sink.emit(
            GenerateResponse.newBuilder()
                .setSpent(
                    Spent.newBuilder()
                        .setCostUsd(0.25)
                        .setUsage(Usage.newBuilder().setPromptTokens(11)))
                .build());
        throw new Failure.Unavailable("MEMBERS_FAILED", "All <i>members</i> failed.").exception();
      }
      case "hold" -> {
        sink.emit(delta("I begin. "));
        waitFor();
        whole(request, sink);
      }
      default -> whole(request, sink);
    }
  }

  private void waitFor() {
    try {
      held.acquire();
    } catch (InterruptedException e) {
      calledOff.release();
      throw new CancelledException();
    }
  }

  private static GenerateResponse delta(String text) {
    return GenerateResponse.newBuilder().setDelta(TextDelta.newBuilder().setText(text)).build();
  }

  private static void whole(GenerateRequest request, EventSink<GenerateResponse> sink) {
    sink.emit(Stages.progress(Stages.ASKING, "anna", "<script>alert(2)</script>", 0.5));
    for (String piece : PIECES) {
      TextDelta.Builder delta = TextDelta.newBuilder().setText(piece);
      if (request.getSampling().getLogprobs()) {
        delta.addLogprobs(token(piece));
      }
      sink.emit(GenerateResponse.newBuilder().setDelta(delta).build());
    }
    // A token that ends in the middle of a character.
    TextDelta.Builder last = TextDelta.newBuilder().setText(" né");
    if (request.getSampling().getLogprobs()) {
      last.addLogprobs(token(" n\uFFFD")).addLogprobs(token("\uFFFD"));
    }
    sink.emit(GenerateResponse.newBuilder().setDelta(last).build());
    sink.emit(GenerateResponse.newBuilder().setCompletion(completion(request)).build());
  }

  private static TokenLogprob token(String text) {
    return TokenLogprob.newBuilder()
        .setToken(text)
        .setBytes(ByteString.copyFromUtf8(text))
        .setLogprob(Math.log(0.75))
        .addTop(TokenAlternative.newBuilder().setToken("acht<i>").setLogprob(Math.log(0.125)))
        .addMembers(opinion("anna", true).setLogprob(Math.log(0.875)))
        .addMembers(opinion("bert", false).setWanted("<u>acht</u>"))
        .build();
  }

  private static MemberOpinion.Builder opinion(String member, boolean favourite) {
    return MemberOpinion.newBuilder().setMember(member).setWeight(0.5).setFavourite(favourite);
  }

  private static Completion completion(GenerateRequest request) {
    boolean together = request.getSampling().getLogprobs();
    return Completion.newBuilder()
        .setText(TEXT)
        .setFinishReason(FinishReason.FINISH_REASON_STOP)
        .setAuthor(together ? request.getName() : "anna")
        .setUsage(Usage.newBuilder().setPromptTokens(1_234).setCompletionTokens(5))
        .setCostUsd(0.00012346)
        .setDecision(
            Decision.newBuilder()
                .setId(request.getRequestId())
                .setExplanation("She knew <em>it</em>.")
                .addCandidates(Candidate.newBuilder().setMember("anna").setChosen(true))
                .addCandidates(Candidate.newBuilder().setMember("bert").setChosen(together)))
        .build();
  }
}
