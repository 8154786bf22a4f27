package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.runtime.peer.Places;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.HiddenState;
import dev.tutti.decoder.v1.Place;
import dev.tutti.decoder.v1.SessionRequest;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.decoder.v1.SessionStep;
import dev.tutti.decoder.v1.TokenScores;
import dev.tutti.decoder.v1.TokensRequest;
import dev.tutti.decoder.v1.TokensResponse;
import dev.tutti.decoder.v1.TopTokens;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A decoder that says what is no answer. */
@Timeout(60)
class StrangePeerTest {

  private HeldDecoder real;
  private HeldDecoder a;
  private Server server;
  private final AtomicInteger streams = new AtomicInteger();
  private volatile BiConsumer<SessionRequest, StreamObserver<SessionResponse>> behaviour =
      (_, _) -> {};
  private volatile UnaryOperator<TokensResponse> files = UnaryOperator.identity();

  @BeforeEach
  void start() throws Exception {
    var holders = Map.of("adder-weak-1", "b");
    real = new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()), holders);
    server =
        ServerBuilder.forPort(0)
            .addService(
                new DecoderServiceGrpc.DecoderServiceImplBase() {
                  @Override
                  public void tokens(TokensRequest request, StreamObserver<TokensResponse> out) {
                    real.models()
                        .tokens(request)
                        .forEachRemaining(part -> out.onNext(files.apply(part)));
                    out.onCompleted();
                  }

                  @Override
                  public StreamObserver<SessionRequest> session(
                      StreamObserver<SessionResponse> out) {
                    streams.incrementAndGet();
                    return new StreamObserver<>() {
                      @Override
                      public void onNext(SessionRequest request) {
                        behaviour.accept(request, out);
                      }

                      @Override
                      public void onError(Throwable why) {
                        streams.decrementAndGet();
                      }

                      @Override
                      public void onCompleted() {
                        streams.decrementAndGet();
                        out.onCompleted();
                      }
                    };
                  }
                })
            .build()
            .start();
  }

  private void connect(Duration timeout) {
    a =
        new HeldDecoder(
            HeldDecoder.Setup.of("a", Map.of("b", "127.0.0.1:" + server.getPort()))
                .timeout(timeout),
            Map.of("adder-weak-1", "b"));
  }

  @AfterEach
  void stop() {
    a.close();
    server.shutdownNow();
    real.close();
  }

  private DecodeSession session() {
    try (var lease = a.pool.acquire("adder-weak-1", "model")) {
      DecodeSession session = lease.model().open();
      session.append(1);
      return session;
    }
  }

  private int vocabulary() {
    try (var lease = a.pool.acquire("adder-weak-1", "model")) {
      return lease.model().tokenizer().size();
    }
  }

  private static SessionResponse.Builder place(Place.Builder place) {
    return SessionResponse.newBuilder().setPlace(place);
  }

  private static SessionResponse.Builder top(int token, double... probabilities) {
    var top = TopTokens.newBuilder().addTokens(token);
    for (double probability : probabilities) {
      top.addProbabilities(probability);
    }
    return place(Place.newBuilder().setTop(top));
  }

  private static SessionResponse.Builder logits(float... values) {
    return place(Place.newBuilder().setLogits(Places.bytes(values)));
  }

  /** It is told, the stream ends there, and the session stays as it is: failed. */
  private void assertFails(SessionResponse.Builder answer, String words) {
    behaviour = (_, out) -> out.onNext(answer.build());
    DecodeSession session = session();
    String why = assertThrows(DecodeException.class, session::next).getMessage();
    assertTrue(why.startsWith("The decoder 'b' failed 'adder-weak-1': "), why);
    assertTrue(why.contains(words), why);
    PeersTest.until(() -> streams.get() == 0);
    session.rewind(0);
    session.append(1);
    DecodeSession fork = session.fork();
    assertThrows(DecodeException.class, fork::next);
    assertThrows(DecodeException.class, () -> session.score(1));
    fork.close();
    session.close();
  }

  @Test
  void whatIsNoAnswerIsTheMembersFailure() {
    connect(Duration.ofSeconds(20));
    int size = vocabulary();
    var notANumber = new float[size];
    notANumber[2] = Float.NaN;
    assertFails(logits(notANumber), "The logit of token 2 is NaN.");
    assertFails(logits(new float[size - 1]), "It told %d bytes".formatted(4 * (size - 1)));
    assertFails(
        place(Place.newBuilder().setProbabilities(ByteString.copyFrom(new byte[8 * size]))),
        "probabilities are 0");
    assertFails(
        place(Place.newBuilder().setProbabilities(ByteString.copyFrom(new byte[7]))),
        "It told 7 bytes");
    assertFails(place(Place.newBuilder()), "It told no distribution.");
    assertFails(
        SessionResponse.newBuilder().setHidden(HiddenState.getDefaultInstance()),
        "It told no distribution.");
    assertFails(logits(new float[size]).setSession(4), "It answered what nobody asked.");
    assertFails(top(size, .5), "It told token " + size);
    assertFails(top(-1, .5), "It told token -1");
    assertFails(top(0), "1 tokens with 0 probabilities");
    assertFails(top(0, .7, .7), "1 tokens with 2 probabilities");
    assertFails(top(0, 1.5), "which leave -0.5");
    assertFails(top(0, Double.NaN), "which leave NaN");
    assertEquals(13, a.failures("wrong"));
    assertEquals(13, a.failures());
  }

  @Test
  void scoresAreAsManyAsTokensAndLogarithmsOfProbabilities() {
    connect(Duration.ofSeconds(20));
    for (double[] scores : new double[][] {{}, {-1}, {-1, .5}, {-1, Double.NaN}, {-1, -2, -3}}) {
      var told = TokenScores.newBuilder();
      for (double score : scores) {
        told.addLogprobs(score);
      }
      behaviour = (_, out) -> out.onNext(SessionResponse.newBuilder().setScores(told).build());
      DecodeSession session = session();
      String why = assertThrows(DecodeException.class, () -> session.score(1, 2)).getMessage();
      assertTrue(why.contains("It told the scores"), why);
      session.close();
    }
    behaviour =
        (_, out) ->
            out.onNext(
                SessionResponse.newBuilder()
                    .setScores(TokenScores.newBuilder().addLogprobs(-1).addLogprobs(0))
                    .build());
    DecodeSession session = session();
    assertArrayEquals(new double[] {-1, 0}, session.score(1, 2));
    session.close();
    PeersTest.until(() -> streams.get() == 0);
  }

  /** Half of the mass on token 1: the other half is everybody else's. */
  @Test
  void whatIsNotToldOfADistributionIsSpreadEvenly() {
    connect(Duration.ofSeconds(20));
    behaviour = (_, out) -> out.onNext(top(1, .5).build());
    DecodeSession session = session();
    int size = vocabulary();
    for (int t = 0; t < size; t++) {
      assertEquals(t == 1 ? .5 : .5 / (size - 1), session.next().probability(t), 1e-15);
    }
    session.close();
  }

  @Test
  void aStreamThatEndsTooSoonIsAFailure() {
    connect(Duration.ofSeconds(20));
    behaviour = (_, out) -> out.onCompleted();
    DecodeSession session = session();
    String why = assertThrows(DecodeException.class, session::next).getMessage();
    assertTrue(why.startsWith("The decoder 'b' "), why);
    session.close();
  }

  @Test
  void silenceIsWaitedForOnlySoLong() {
    connect(Duration.ofSeconds(2));
    DecodeSession session = session();
    assertEquals(
        "The decoder 'b' failed 'adder-weak-1': It was silent for 2 s.",
        assertThrows(DecodeException.class, session::next).getMessage());
    assertThrows(DecodeException.class, session::next);
    session.close();
    PeersTest.until(() -> streams.get() == 0);
    assertEquals(1, a.failures("silent"));
    assertEquals(1, a.failures());
    assertEquals(0, a.answered("step"));
  }

  /** Where it reads one text after the other, each may take as long. */
  @Test
  void severalTextsAreWaitedForAsLongAsEachOfThemAlone() {
    // Opening the session has no more time than one text, on a machine that is busy too.
    connect(Duration.ofSeconds(2));
    String why = "The decoder 'b' failed 'adder-weak-1': It was silent for %s.";
    for (int texts = 1; texts < 3; texts++) {
      List<int[]> branches = Collections.nCopies(texts, new int[] {1, 2});
      DecodeSession session = session();
      assertEquals(
          why.formatted(2 * texts + " s"),
          assertThrows(DecodeException.class, () -> session.score(branches)).getMessage());
      session.close();
    }
    assertEquals(2, a.failures("silent"));
  }

  /**
   * Steps as they arrive, by the number of the session: all that is answered is what comes next.
   */
  private List<String> followed() {
    List<String> steps = new CopyOnWriteArrayList<>();
    var uniform = new float[vocabulary()];
    behaviour =
        (request, out) -> {
          for (SessionStep step : request.getStepsList()) {
            steps.add(step.getStepCase() + " " + step.getSession());
            if (step.hasNext()) {
              out.onNext(logits(uniform).setSession(step.getSession()).build());
            }
          }
        };
    return steps;
  }

  @Test
  void aForkThatIsGoneBeforeAnybodyAskedIsNotOpened() {
    connect(Duration.ofSeconds(20));
    List<String> steps = followed();
    DecodeSession session = session();
    DecodeSession gone = session.fork();
    gone.append(3);
    gone.close();
    session.next();
    assertEquals(List.of("OPEN 0", "APPEND 0", "NEXT 0"), steps);
    steps.clear();
    DecodeSession late = session.fork();
    late.append(2);
    late.rewind(1);
    late.close();
    session.append(1);
    session.next();
    assertEquals(List.of("APPEND 0", "NEXT 0"), steps);
    assertEquals(2, a.answered("step"));
    session.close();
    PeersTest.until(() -> streams.get() == 0);
  }

  @Test
  void aForkOfWhichThereIsACopyIsOpenedAndClosed() {
    connect(Duration.ofSeconds(20));
    List<String> steps = followed();
    DecodeSession session = session();
    DecodeSession parent = session.fork();
    parent.append(3);
    DecodeSession child = parent.fork();
    parent.close();
    session.close();
    child.next();
    assertEquals(
        List.of(
            "OPEN 0", "APPEND 0", "FORK 1", "APPEND 1", "FORK 2", "CLOSE 1", "CLOSE 0", "NEXT 2"),
        steps);
    child.close();
    PeersTest.until(() -> streams.get() == 0);
  }

  @Test
  void aSessionThatIsGoneBeforeAnybodyAskedIsNeverOpened() {
    connect(Duration.ofSeconds(20));
    List<String> steps = followed();
    DecodeSession session = session();
    DecodeSession fork = session.fork();
    session.close();
    fork.close();
    DecodeSession other = session();
    other.next();
    assertEquals(List.of("OPEN 0", "APPEND 0", "NEXT 0"), steps);
    other.close();
    PeersTest.until(() -> streams.get() == 0);
  }

  private void assertNotLoaded(String words) {
    connect(Duration.ofSeconds(20));
    var refused =
        assertThrows(FailureException.class, () -> a.pool.acquire("adder-weak-1", "model"));
    assertTrue(refused.failure() instanceof Failure.FailedPrecondition, refused.toString());
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }

  @Test
  void filesThatAreNotWhatTheirDigestSaysAreRefused() {
    files =
        part ->
            part.getFile().equals("config.json")
                ? part.toBuilder().setData(ByteString.copyFromUtf8("{}")).build()
                : part;
    assertNotLoaded("The files from the decoder 'b' have the SHA-256 ");
  }

  @Test
  void filesOfOtherNamesAreNotWritten() {
    files = part -> part.toBuilder().setFile("../" + part.getFile()).build();
    assertNotLoaded("which is none of a tokenizer");
  }
}
