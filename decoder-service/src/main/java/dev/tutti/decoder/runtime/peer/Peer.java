package dev.tutti.decoder.runtime.peer;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.runtime.CallTime;
import dev.tutti.decoder.runtime.ModelLoadException;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceStub;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Another decoder. Thread-safe. */
public final class Peer implements AutoCloseable {

  /** A distribution over a million tokens, in doubles, fits. */
  private static final int LONGEST_MESSAGE = 16 << 20;

  /** For a connection to one that was away when it was asked last. */
  private static final Duration RECONNECTION = Duration.ofMillis(250);

  /** A connection is not given up because a machine has much to do. */
  private static final Duration LEAST_SIGN_OF_LIFE = Duration.ofSeconds(1);

  /** gRPC asks for no sign of life sooner. */
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(10);

  private final String name;
  private final Duration timeout;
  private final OptionalInt top;
  private final PeerMeters meters;
  private final ManagedChannel channel;
  private volatile boolean asked;
  // Whether a call found it gone, and neither an answer nor a connection has been seen since.
  private volatile boolean lost;

  /**
   * Another decoder.
   *
   * @param timeout longest silence of it that is waited for; within it too is found out that its
   *     machine has gone without a word, but not within less than 11 s: gRPC asks for no sign of
   *     life more often than every 10
   * @param top most tokens that a distribution of it tells; empty for all
   * @param credentials how the connection is secured
   * @param calls what every call goes through
   */
  Peer(
      String name,
      String host,
      int port,
      Duration timeout,
      OptionalInt top,
      ChannelCredentials credentials,
      List<ClientInterceptor> calls,
      PeerMeters meters) {
    this.name = name;
    this.timeout = timeout;
    this.top = top;
    this.meters = meters;
    Duration half = timeout.dividedBy(2);
    this.channel =
        Grpc.newChannelBuilderForAddress(host, port, credentials)
            .maxInboundMessageSize(LONGEST_MESSAGE)
            .keepAliveTime(half.toNanos(), TimeUnit.NANOSECONDS)
            .keepAliveTimeout(patience(timeout).toNanos(), TimeUnit.NANOSECONDS)
            // Else who takes a connection and never says a word is waited for.
            .keepAliveWithoutCalls(true)
            .intercept(calls)
            .build();
    meters.watch(() -> connection() == ConnectivityState.READY);
  }

  /**
   * How long a sign of life that was asked for is waited for, so that the silence before and after
   * the question is as long as the timeout.
   */
  static Duration patience(Duration timeout) {
    Duration half = timeout.dividedBy(2);
    Duration silent = half.compareTo(LEAST_SILENCE) > 0 ? half : LEAST_SILENCE;
    Duration left = timeout.minus(silent);
    return left.compareTo(LEAST_SIGN_OF_LIFE) > 0 ? left : LEAST_SIGN_OF_LIFE;
  }

  /**
   * How the connection to it is. None is made to one that nobody has asked for; a broken one is
   * made anew, so that one that has gone shows before it is asked again. After a call that found it
   * gone it is out of reach until there is a connection, however long the next try may take.
   */
  ConnectivityState connection() {
    boolean wanted = asked;
    ConnectivityState state = channel.getState(wanted);
    if (state == ConnectivityState.READY) {
      lost = false;
    } else if (lost && state != ConnectivityState.SHUTDOWN) {
      return ConnectivityState.TRANSIENT_FAILURE;
    }
    return wanted && state == ConnectivityState.IDLE ? ConnectivityState.CONNECTING : state;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Longest silence of it that is waited for. */
  Duration timeout() {
    return timeout;
  }

  /** Most tokens that a distribution of it tells; empty for all. */
  OptionalInt top() {
    return top;
  }

  /** For a session, within the deadline of the call that is being answered. */
  DecoderServiceStub sessions() {
    return Deadlines.apply(DecoderServiceGrpc.newStub(connected()));
  }

  /** For what others may wait for too. */
  DecoderServiceBlockingStub soon() {
    return DecoderServiceGrpc.newBlockingStub(connected())
        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** For what takes as long as it takes. */
  DecoderServiceBlockingStub preparations() {
    return Deadlines.apply(DecoderServiceGrpc.newBlockingStub(connected()));
  }

  /**
   * Has it answer a request that names one of its models.
   *
   * @throws FailureException when it cannot
   */
  public void generate(GenerateRequest request, EventSink<GenerateResponse> sink) {
    long start = System.nanoTime();
    try (var events =
        ClientStream.open(
            () ->
                Deadlines.apply(GenerationServiceGrpc.newBlockingStub(connected()))
                    .generate(request))) {
      while (events.hasNext()) {
        sink.emit(events.next());
      }
      answered("generate", start);
    } catch (FailureException e) {
      throw named(e);
    }
  }

  /**
   * Has it score.
   *
   * @throws FailureException when it cannot
   */
  public ScoreResponse score(ScoreRequest request) {
    return ask("score", stub -> stub.score(request));
  }

  /**
   * Has it look at a model.
   *
   * @throws FailureException when it cannot
   */
  public InspectResponse inspect(InspectRequest request) {
    return ask("inspect", stub -> stub.inspect(request));
  }

  private <T> T ask(String kind, Function<DecoderServiceBlockingStub, T> call) {
    long start = System.nanoTime();
    try {
      T answer = call.apply(preparations());
      answered(kind, start);
      return answer;
    } catch (RuntimeException e) {
      throw named(new FailureException(FailureStatus.fromThrowable(e), e));
    }
  }

  /** What gRPC itself says of it, with its name; its own words stay as they are. */
  private FailureException named(FailureException e) {
    if (Thread.currentThread().isInterrupted() || CallTime.isOver(Context.current())) {
      return e;
    }
    count(e.failure());
    return gone(e.failure())
        .map(how -> new FailureException(new Failure.Unavailable("DECODER_UNREACHABLE", how), e))
        .orElse(e);
  }

  /** Counts an answer of it. */
  void answered(String call, long start) {
    lost = false;
    meters.answered(call, start);
  }

  /** Counts a failure of it, unless the caller is to blame. */
  private void count(Failure failure) {
    switch (failure) {
      case Failure.ResourceExhausted _ -> meters.failed(PeerMeters.Fault.BUSY);
      case Failure.Internal _ -> meters.failed(PeerMeters.Fault.FAILED);
      default -> {
        if (gone(failure).isPresent()) {
          lost = true;
          meters.failed(PeerMeters.Fault.UNREACHABLE);
        }
      }
    }
  }

  /**
   * Counts the end of a session, or of a stream, that nobody here has ended.
   *
   * @param why as gRPC throws it
   * @param call whose context the call was made in
   */
  void ended(Throwable why, Context call) {
    if (!CallTime.isOver(call)) {
      count(FailureStatus.fromThrowable(why));
    }
  }

  /** What is counted of it. */
  PeerMeters meters() {
    return meters;
  }

  /** How it is gone, where that is what a call failed of, which nobody here has ended. */
  private Optional<String> gone(Failure failure) {
    return switch (failure) {
      case Failure.Unavailable _ when failure.reason().equals("UNAVAILABLE") ->
          Optional.of("The decoder '%s' is unreachable.".formatted(name));
      case Failure.Cancelled _ -> Optional.of("The decoder '%s' cut the call off.".formatted(name));
      default -> Optional.empty();
    };
  }

  /**
   * Why a member that it holds cannot go on.
   *
   * @param why as gRPC throws it
   * @param call whose context the call was made in
   * @return to be thrown
   */
  RuntimeException failure(String model, Throwable why, Context call) {
    if (CallTime.isOver(call)) {
      return new CancelledException();
    }
    Failure failure = FailureStatus.fromThrowable(why);
    return switch (failure) {
      // Its own word, before anything was asked: as where too many sessions run here. That of gRPC
      // is that a message is too long.
      case Failure.ResourceExhausted busy when !busy.reason().equals("RESOURCE_EXHAUSTED") ->
          new FailureException(
              new Failure.ResourceExhausted(
                  busy.reason(),
                  "The decoder '%s': %s".formatted(name, busy.message()),
                  busy.retryAfter()),
              why);
      default ->
          new DecodeException(
              gone(failure)
                  .orElseGet(
                      () ->
                          "The decoder '%s' failed '%s': %s"
                              .formatted(name, model, failure.message())),
              why);
    };
  }

  /** Why one of its models cannot be used here. */
  ModelLoadException notLoaded(FailureException why) {
    String message =
        gone(why.failure())
            .orElseGet(() -> "The decoder '%s': %s".formatted(name, why.getMessage()));
    return switch (why.failure()) {
      // The last: it has not heard of the model yet.
      case Failure.Unavailable _,
          Failure.DeadlineExceeded _,
          Failure.ResourceExhausted _,
          Failure.Cancelled _,
          Failure.NotFound _ ->
          ModelLoadException.passing(message, why);
      default -> new ModelLoadException(message, why);
    };
  }

  /** The channel, tried at once where it waits with its next try. */
  private ManagedChannel connected() {
    asked = true;
    if (channel.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
      var changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(ConnectivityState.TRANSIENT_FAILURE, changed::countDown);
      channel.resetConnectBackoff();
      try {
        changed.await(RECONNECTION.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException();
      }
    }
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
