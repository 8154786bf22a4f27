package dev.tutti.cascade.feedback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.util.Timestamps;
import dev.tutti.cascade.testing.TestDatabase;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.KeptFeedback;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FeedbackFollowerTest {

  @RegisterExtension
  static final TestDatabase POSTGRES = new TestDatabase("cascade.feedback_place");

  /** Router-service, whose pages have as many as they may. */
  private static final class Log extends FeedbackServiceGrpc.FeedbackServiceImplBase {

    private final List<KeptFeedback> kept = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private Runnable before = () -> {};

    @Override
    public synchronized void listFeedback(
        ListFeedbackRequest request, StreamObserver<ListFeedbackResponse> observer) {
      before.run();
      asked.add(request.getEnsemble() + "@" + request.getPageToken());
      int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
      int to = Math.min(kept.size(), from + request.getPageSize());
      var page = ListFeedbackResponse.newBuilder();
      kept.subList(from, to).stream()
          .filter(its -> its.getEnsemble().equals(request.getEnsemble()))
          .forEach(page::addFeedback);
      if (to - from == request.getPageSize()) {
        page.setNextPageToken(Integer.toString(to));
      }
      observer.onNext(page.build());
      observer.onCompleted();
    }

    synchronized void say(String decision, Duration ago, Feedback.Builder says) {
      kept.add(
          KeptFeedback.newBuilder()
              .setEnsemble("e")
              .setTime(Timestamps.fromMillis(Instant.now().minus(ago).toEpochMilli()))
              .setFeedback(says.setDecision(decision).setKey("k" + decision))
              .build());
    }

    synchronized List<String> asked() {
      List<String> now = List.copyOf(asked);
      asked.clear();
      return now;
    }
  }

  private static final class Listener implements FeedbackListener {

    private final Set<String> ensembles;
    private final List<String> heard = new ArrayList<>();
    private boolean fails;

    Listener(String... ensembles) {
      this.ensembles = Set.of(ensembles);
    }

    @Override
    public Set<String> ensembles(Connection connection) {
      return ensembles;
    }

    @Override
    public void heard(Connection connection, List<Said> said) throws SQLException {
      if (fails) {
        throw new SQLException("No.");
      }
      said.forEach(its -> heard.add("%s %.2f".formatted(its.decision(), its.score())));
    }

    List<String> heard() {
      List<String> now = List.copyOf(heard);
      heard.clear();
      return now;
    }
  }

  private final Log log = new Log();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(log)
            .build()
            .start();
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private FeedbackFollower follower(FeedbackListener... listeners) {
    return new FeedbackFollower(
        POSTGRES.database(), FeedbackServiceGrpc.newBlockingStub(channel), List.of(listeners));
  }

  private static Feedback.Builder rating(double rating) {
    return Feedback.newBuilder().setRating(rating);
  }

  @Test
  void ratingsAndFailuresAreScoresAndComparisonsAreNone() throws SQLException {
    log.say("a", Duration.ZERO, rating(0.75));
    log.say("b", Duration.ZERO, Feedback.newBuilder().setCorrect(true));
    log.say("c", Duration.ZERO, Feedback.newBuilder().setCorrect(false));
    log.say("d", Duration.ZERO, Feedback.newBuilder().setFailed(true));
    var compared = Feedback.newBuilder();
    compared.getComparisonBuilder().setWinner("x").setLoser("y");
    log.say("e", Duration.ZERO, compared);
    var listener = new Listener("e");
    follower(listener).follow();
    assertEquals(List.of("a 0.75", "b 1.00", "c 0.00", "d 0.00"), listener.heard());
  }

  @Test
  void nobodyIsAskedOfWhomNobodyWaits() throws SQLException {
    follower(new Listener()).follow();
    assertEquals(List.of(), log.asked());
    follower(new Listener("e"), new Listener("e", "f")).follow();
    assertEquals(List.of("e@", "f@"), log.asked());
  }

  /** What is news is asked for again, and told once; what is older never. */
  @Test
  void thePlaceMovesPastWhatIsOld() throws SQLException {
    for (int i = 0; i < 1_000; i++) {
      log.say("old" + i, Duration.ofMinutes(2), rating(1));
    }
    for (int i = 0; i < 30; i++) {
      log.say("older" + i, Duration.ofMinutes(2), rating(1));
    }
    for (int i = 0; i < 1_000; i++) {
      log.say("new" + i, Duration.ofSeconds(2), rating(1));
    }
    var listener = new Listener("e");
    FeedbackFollower first = follower(listener);
    first.follow();
    assertEquals(2_030, listener.heard().size());
    assertEquals(1_030, POSTGRES.number("select page::int from cascade.feedback_place"));
    log.asked();
    first.follow();
    assertEquals(List.of("e@1030", "e@2030"), log.asked());
    assertEquals(List.of(), listener.heard());
    log.say("last", Duration.ZERO, rating(0));
    first.follow();
    assertEquals(List.of("last 0.00"), listener.heard());
    // Whoever starts later is told what another one may not have been told.
    follower(listener).follow();
    assertEquals(1_001, listener.heard().size());
  }

  /** Where nothing is new, nothing is written, and no transaction is begun. */
  @Test
  void atRestNothingIsDone() throws SQLException {
    for (int i = 0; i < 20; i++) {
      log.say("old" + i, Duration.ofMinutes(2), rating(1));
    }
    var listener = new Listener("e");
    FeedbackFollower follower = follower(listener);
    follower.follow();
    assertEquals(20, listener.heard().size());
    log.asked();
    String written = "select xmin::text::bigint from cascade.feedback_place";
    long before = POSTGRES.number(written);
    for (int i = 0; i < 3; i++) {
      follower.follow();
    }
    assertEquals(List.of("e@20", "e@20", "e@20"), log.asked());
    assertEquals(List.of(), listener.heard());
    assertEquals(before, POSTGRES.number(written));
  }

  /** Whoever changes his mind within a page is told of by what he said, each of it once. */
  @Test
  void theSameKeyWithAnotherVerdictIsNews() throws SQLException {
    log.say("a", Duration.ZERO, rating(1));
    var listener = new Listener("e");
    FeedbackFollower follower = follower(listener);
    follower.follow();
    log.say("a", Duration.ZERO, rating(0));
    follower.follow();
    follower.follow();
    assertEquals(List.of("a 1.00", "a 0.00"), listener.heard());
  }

  /** The place is in the transaction of what came of a page: what was not done is heard again. */
  @Test
  void whatAListenerFailsAtIsHeardAgain() throws SQLException {
    for (int i = 0; i < 1_000; i++) {
      log.say("old" + i, Duration.ofMinutes(2), rating(1));
    }
    var listener = new Listener("e");
    listener.fails = true;
    FeedbackFollower follower = follower(listener);
    assertThrows(SQLException.class, follower::follow);
    assertEquals(0, POSTGRES.number("select count(*) from cascade.feedback_place"));
    listener.fails = false;
    follower.follow();
    assertEquals(1_000, listener.heard().size());
  }

  /** Router-service is asked before: while it is slow no connection waits, and none is taken. */
  @Test
  void noTransactionIsOpenWhileTheRouterAnswers() throws SQLException {
    log.say("a", Duration.ZERO, rating(1));
    var open = new ArrayList<Long>();
    log.before =
        () -> {
          try {
            open.add(
                POSTGRES.number(
                    "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"));
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        };
    follower(new Listener("e")).follow();
    assertEquals(List.of(0L), open);
  }

  /** One replica at a time. */
  @Test
  void whileAnotherReadsNothingIsRead() throws SQLException {
    log.say("a", Duration.ZERO, rating(1));
    var inner = new Listener("e");
    var outer =
        new FeedbackListener() {
          @Override
          public Set<String> ensembles(Connection connection) {
            return Set.of("e");
          }

          @Override
          public void heard(Connection connection, List<Said> said) throws SQLException {
            follower(inner).follow();
          }
        };
    follower(outer).follow();
    assertEquals(List.of(), inner.heard());
    follower(inner).follow();
    assertEquals(List.of("a 1.00"), inner.heard());
  }
}
