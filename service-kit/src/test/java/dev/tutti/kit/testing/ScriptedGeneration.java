package dev.tutti.kit.testing;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * A neighbour that answers {@code Generate} by a script, on a free port of this machine, and
 * remembers what it was asked.
 */
public final class ScriptedGeneration implements AutoCloseable {

  /** As decoder-service takes them. */
  private static final int LONGEST_MESSAGE = 72 << 20;

  private final List<GenerateRequest> requests = new CopyOnWriteArrayList<>();
  private final List<Metadata> headers = new CopyOnWriteArrayList<>();
  private final Server server;
  private final int port;
  private volatile BiConsumer<GenerateRequest, EventSink<GenerateResponse>> script;

  /**
   * Starts it on a free port.
   *
   * @param script answers a request by events, or throws; may be replaced by {@link #script}
   * @param others further services on the same port
   */
  public ScriptedGeneration(
      BiConsumer<GenerateRequest, EventSink<GenerateResponse>> script, BindableService... others) {
    this(0, script, others);
  }

  /** Starts it on this port, e.g. one that a service under test was told before it started. */
  public ScriptedGeneration(
      int port,
      BiConsumer<GenerateRequest, EventSink<GenerateResponse>> script,
      BindableService... others) {
    this.script = script;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .maxInboundMessageSize(LONGEST_MESSAGE)
            .intercept(new Headers())
            .addService(new Generation());
    for (BindableService other : others) {
      builder.addService(other);
    }
    try {
      server = builder.build().start();
      this.port = server.getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** What it was asked since the last {@link #forget}. */
  public List<GenerateRequest> requests() {
    return List.copyOf(requests);
  }

  /** Headers of what it was asked since the last {@link #forget}, in no certain order. */
  public List<Metadata> headers() {
    return List.copyOf(headers);
  }

  /** Forgets what it was asked. */
  public void forget() {
    requests.clear();
    headers.clear();
  }

  /** Answers by another script from now on. */
  public void script(BiConsumer<GenerateRequest, EventSink<GenerateResponse>> next) {
    script = next;
  }

  /** A delta and a completion with this text: 3 prompt tokens, one completion token a character. */
  public static void answer(EventSink<GenerateResponse> sink, String author, String text) {
    sink.emit(delta(text));
    sink.emit(completion(author, text).build());
  }

  /** A text delta. */
  public static GenerateResponse delta(String text) {
    return GenerateResponse.newBuilder().setDelta(TextDelta.newBuilder().setText(text)).build();
  }

  /** A completion as {@link #answer} sends it, to be completed. */
  public static GenerateResponse.Builder completion(String author, String text) {
    GenerateResponse.Builder response = GenerateResponse.newBuilder();
    response.setCompletion(
        Completion.newBuilder()
            .setText(text)
            .setAuthor(author)
            .setFinishReason(FinishReason.FINISH_REASON_STOP)
            .setUsage(Usage.newBuilder().setPromptTokens(3).setCompletionTokens(text.length())));
    return response;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Headers implements ServerInterceptor {

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata metadata, ServerCallHandler<Q, R> next) {
      headers.add(metadata);
      return next.startCall(call, metadata);
    }
  }

  private final class Generation extends GenerationServiceGrpc.GenerationServiceImplBase {

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
      requests.add(request);
      ServerCalls.generating(observer, sink -> script.accept(request, sink));
    }
  }
}
