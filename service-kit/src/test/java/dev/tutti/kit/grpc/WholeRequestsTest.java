package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.ListResponse;
import dev.tutti.method.v1.MethodServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WholeRequestsTest {

  private static final int LARGEST = 10_000;

  private final AtomicInteger asked = new AtomicInteger();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    ServerServiceDefinition service =
        new MethodServiceGrpc.MethodServiceImplBase() {
          @Override
          public void list(ListRequest request, StreamObserver<ListResponse> answer) {
            asked.incrementAndGet();
            answer.onNext(ListResponse.getDefaultInstance());
            answer.onCompleted();
          }
        }.bindService();
    ServerServiceDefinition guarded = new WholeRequests(Duration.ofSeconds(1)).guard(service);
    assertNotNull(guarded.getServiceDescriptor().getSchemaDescriptor());
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(guarded)
            .maxInboundMessageSize(LARGEST)
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

  /** How a call ends that sends these bytes, or none. */
  private Status ask(byte[] request, boolean ends) throws Exception {
    MethodDescriptor<byte[], ListResponse> method =
        MethodServiceGrpc.getListMethod().toBuilder(
                new Bytes(), MethodServiceGrpc.getListMethod().getResponseMarshaller())
            // Else the client itself sends nothing before the request ends.
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .build();
    ClientCall<byte[], ListResponse> call =
        channel.newCall(method, CallOptions.DEFAULT.withCompression("gzip"));
    var ended = new CompletableFuture<Status>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    call.request(2);
    if (request != null) {
      call.sendMessage(request);
    }
    if (ends) {
      call.halfClose();
    }
    return ended.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aWholeOneIsAnswered() throws Exception {
    assertEquals(Status.Code.OK, ask(new byte[0], true).getCode());
    assertEquals(1, asked.get());
  }

  @Test
  void aMalformedOneIsTheCallersFault() throws Exception {
    Status status = ask(new byte[] {0x0a, 100, 1}, true);
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertEquals("The request is no message of this method's kind.", status.getDescription());
    assertEquals(0, asked.get());
  }

  @Test
  void soIsOneThatIsTooLargeOnceItIsUnpacked() throws Exception {
    byte[] large =
        ListRequest.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        1000,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFrom(new byte[LARGEST * 100]))
                            .build())
                    .build())
            .build()
            .toByteArray();
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, ask(large, true).getCode());
    assertEquals(0, asked.get());
  }

  @Test
  void oneThatDoesNotComeIsNotWaitedFor() throws Exception {
    for (byte[] sent : new byte[][] {null, new byte[0]}) {
      Status status = ask(sent, false);
      assertEquals(Status.Code.DEADLINE_EXCEEDED, status.getCode());
      assertEquals("The request did not come within 1 s.", status.getDescription());
    }
    assertEquals(0, asked.get());
  }

  /** As they are. */
  private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }
}
