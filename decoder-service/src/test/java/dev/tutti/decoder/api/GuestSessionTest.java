package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.v1.AppendTokens;
import dev.tutti.decoder.v1.CloseSession;
import dev.tutti.decoder.v1.ForkSession;
import dev.tutti.decoder.v1.NextTokens;
import dev.tutti.decoder.v1.OpenSession;
import dev.tutti.decoder.v1.RewindSession;
import dev.tutti.decoder.v1.ScoreTokens;
import dev.tutti.decoder.v1.SessionRequest;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.decoder.v1.SessionStep;
import dev.tutti.decoder.v1.TellHidden;
import dev.tutti.decoder.v1.TokensRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What another decoder may say, and what it is told where that is nonsense. */
@Timeout(60)
class GuestSessionTest {

  private static HeldDecoder decoder;

  @BeforeAll
  static void start() {
    decoder =
        new HeldDecoder(
            HeldDecoder.Setup.of("b", Map.of()), Map.of("adder-weak-1", "b", "elsewhere", "c"));
  }

  @AfterAll
  static void stop() {
    decoder.close();
  }

  /** A stream, and all that it is told. */
  private static final class Guest implements StreamObserver<SessionResponse> {
    final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    final StreamObserver<SessionRequest> steps;

    Guest(HeldDecoder at) {
      steps = at.sessions().session(this);
    }

    Guest say(SessionStep.Builder... all) {
      var request = SessionRequest.newBuilder();
      for (var step : all) {
        request.addSteps(step);
      }
      steps.onNext(request.build());
      return this;
    }

    Object hear() throws InterruptedException {
      Object next = told.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing was told");
      }
      return next;
    }

    Failure refusal() throws InterruptedException {
      return FailureStatus.fromThrowable((Throwable) hear());
    }

    @Override
    public void onNext(SessionResponse response) {
      told.add(response);
    }

    @Override
    public void onError(Throwable why) {
      told.add(why);
    }

    @Override
    public void onCompleted() {
      told.add("end");
    }
  }

  private static SessionStep.Builder open(String model) {
    return SessionStep.newBuilder().setOpen(OpenSession.newBuilder().setModel(model));
  }

  private static SessionStep.Builder open() {
    return open("adder-weak-1");
  }

  private static SessionStep.Builder append(int... tokens) {
    var append = AppendTokens.newBuilder();
    for (int token : tokens) {
      append.addTokens(token);
    }
    return SessionStep.newBuilder().setAppend(append);
  }

  private static SessionStep.Builder next(int... proposed) {
    var next = NextTokens.newBuilder();
    for (int token : proposed) {
      next.addProposed(token);
    }
    return SessionStep.newBuilder().setNext(next);
  }

  private static void refused(String field, String words, SessionStep.Builder... steps)
      throws InterruptedException {
    var guest = new Guest(decoder).say(steps);
    Object told = guest.hear();
    while (told instanceof SessionResponse) {
      told = guest.hear();
    }
    var failure = (Failure.InvalidArgument) FailureStatus.fromThrowable((Throwable) told);
    assertEquals(field, failure.field());
    assertTrue(failure.message().contains(words), failure.message());
    PeersTest.until(decoder::isIdle);
  }

  @Test
  void nonsenseIsRefusedByNameAndFreesEverything() throws InterruptedException {
    int size = vocabulary();
    refused("steps[0]", "The first step of a stream opens a session.", next());
    refused("steps[0]", "The first step of a stream opens a session.");
    refused("steps[0]", "The first step", SessionStep.newBuilder());
    refused("steps[1]", "A step says what is to be done.", open(), SessionStep.newBuilder());
    refused("steps[1]", "A stream opens one session", open(), open());
    refused("steps[1]", "Session 0 is empty", open(), next());
    refused("steps[2]", "has no session 7", open(), append(1), next().setSession(7));
    refused("steps[1]", "token -1 is not within", open(), append(1, -1));
    refused("steps[2]", "token " + size + " is not", open(), append(1), next(size));
    refused("steps[1]", "10000 tokens do not fit", open(), append(new int[10_000]));
    refused(
        "steps[2].rewind.length",
        "length is 2; 0 to 1 are allowed.",
        open(),
        append(1),
        SessionStep.newBuilder().setRewind(RewindSession.newBuilder().setLength(2)));
    refused(
        "steps[2].rewind.length",
        "length is -1",
        open(),
        append(1),
        SessionStep.newBuilder().setRewind(RewindSession.newBuilder().setLength(-1)));
    refused("steps[2].session", "0 is no number of a new session", open(), append(1), fork(0, 0));
    refused("steps[2].session", "-4 is no number", open(), append(1), fork(-4, 0));
    refused("steps[2].fork.from", "has no session 3", open(), append(1), fork(1, 3));
    refused(
        "steps[2]",
        "has no session 0",
        open(),
        SessionStep.newBuilder().setClose(CLOSE),
        append(1));
    refused(
        "steps[2].next.proposed",
        "tokens are proposed",
        open(),
        append(1),
        next(new int[16_777_216 / size]));
    refused(
        "steps[0].open.top",
        "top is 0; at least 1 is allowed.",
        SessionStep.newBuilder()
            .setOpen(OpenSession.newBuilder().setModel("adder-weak-1").setTop(0)));
    refused("steps[0].session", "-1 is no number", open().setSession(-1));
    refused(
        "steps[2]",
        "Session 0 is empty",
        open(),
        append(),
        SessionStep.newBuilder().setScore(ScoreTokens.newBuilder().addTokens(1)));
    refused(
        "steps[1]",
        "Session 0 is empty",
        open(),
        SessionStep.newBuilder().setHidden(TellHidden.getDefaultInstance()));
  }

  private static final CloseSession CLOSE = CloseSession.getDefaultInstance();

  private static SessionStep.Builder fork(int number, int from) {
    return SessionStep.newBuilder()
        .setSession(number)
        .setFork(ForkSession.newBuilder().setFrom(from));
  }

  private static int vocabulary() {
    try (var lease = decoder.pool.acquire("adder-weak-1", "model")) {
      return lease.model().tokenizer().size();
    }
  }

  @Test
  void stepsAndSessionsOfAStreamAreBounded() throws InterruptedException {
    var many = new SessionStep.Builder[4_097];
    Arrays.setAll(many, i -> i == 0 ? open() : append(1));
    refused("steps", "There are 4097 steps; 1 to 4096 are allowed.", many);
    var forks = new SessionStep.Builder[258];
    Arrays.setAll(forks, i -> i == 0 ? open() : i == 1 ? append(1) : fork(i, 0));
    refused("steps[257]", "The stream has 256 sessions", forks);
    var empty = new Guest(decoder).say(open(), append(1)).say();
    assertTrue(empty.refusal().message().startsWith("There are 0 steps"));
    PeersTest.until(decoder::isIdle);
  }

  @Test
  void onlyWhatIsHeldHereIsGiven() throws InterruptedException {
    assertEquals("MODEL_NOT_FOUND", new Guest(decoder).say(open("nothing")).refusal().reason());
    assertEquals("MODEL_ELSEWHERE", new Guest(decoder).say(open("elsewhere")).refusal().reason());
    Failure differs =
        new Guest(decoder)
            .say(
                SessionStep.newBuilder()
                    .setOpen(
                        OpenSession.newBuilder().setModel("adder-weak-1").setTokensSha256("0123")))
            .refusal();
    assertEquals("FILES_DIFFER", differs.reason());
    var refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                decoder
                    .models()
                    .tokens(TokensRequest.newBuilder().setModel("elsewhere").build())
                    .hasNext());
    assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
    PeersTest.until(decoder::isIdle);
  }

  @Test
  void aStreamEndsWithItsClient() throws InterruptedException {
    var whole = new Guest(decoder).say(open(), append(1), next());
    assertTrue(((SessionResponse) whole.hear()).getPlace().getLogits().size() > 0);
    assertEquals(1, decoder.limit.running());
    whole.steps.onCompleted();
    assertEquals("end", whole.hear());
    var none = new Guest(decoder);
    none.steps.onCompleted();
    assertEquals("end", none.hear());
    var broken = new Guest(decoder).say(open(), append(1), next());
    broken.hear();
    broken.steps.onError(Status.ABORTED.asRuntimeException());
    PeersTest.until(decoder::isIdle);
  }

  @Test
  void whoSaysNothingMoreLosesTheSession() throws InterruptedException {
    try (var impatient =
        new HeldDecoder(
            HeldDecoder.Setup.of("b", Map.of()).guestTimeout(Duration.ofMillis(50)),
            Map.of("adder-weak-1", "b"))) {
      var guest = new Guest(impatient).say(open(), append(1));
      assertEquals("SESSION_IDLE", guest.refusal().reason());
      var silent = new Guest(impatient);
      assertEquals("SESSION_IDLE", silent.refusal().reason());
      PeersTest.until(impatient::isIdle);
    }
  }
}
