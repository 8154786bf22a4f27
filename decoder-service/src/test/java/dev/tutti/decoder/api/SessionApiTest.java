package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.v1.AppendTokens;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.NextTokens;
import dev.tutti.decoder.v1.OpenSession;
import dev.tutti.decoder.v1.SessionRequest;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.decoder.v1.SessionStep;
import dev.tutti.decoder.wiring.KnownModels;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions of other decoders at the service's own port, byte by byte. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
class SessionApiTest {

  @GrpcClient("self")
  Channel channel;

  @Inject KnownModels models;
  @Inject SessionLimit limit;

  @BeforeEach
  void registryIsThere() throws InterruptedException {
    ScriptedRegistry.current().await(models);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static byte[] opening() {
    return SessionRequest.newBuilder()
        .addSteps(
            SessionStep.newBuilder().setOpen(OpenSession.newBuilder().setModel("adder-weak-1")))
        .addSteps(SessionStep.newBuilder().setAppend(AppendTokens.newBuilder().addTokens(1)))
        .addSteps(SessionStep.newBuilder().setNext(NextTokens.getDefaultInstance()))
        .build()
        .toByteArray();
  }

  private ClientCall<byte[], byte[]> call(BlockingQueue<Object> told) {
    var method = DecoderServiceGrpc.getSessionMethod().toBuilder(new Bytes(), new Bytes()).build();
    ClientCall<byte[], byte[]> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            told.add(message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            told.add(status);
          }
        },
        new Metadata());
    call.request(100);
    return call;
  }

  private static Object hear(BlockingQueue<Object> told) throws InterruptedException {
    Object next = told.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was told");
    }
    return next;
  }

  @Test
  void bytesThatAreNoMessageEndTheStreamAndFreeTheSession() throws Exception {
    var told = new LinkedBlockingQueue<Object>();
    ClientCall<byte[], byte[]> call = call(told);
    call.sendMessage(opening());
    var answer = SessionResponse.parseFrom((byte[]) hear(told));
    assertTrue(answer.getPlace().hasLogits());
    assertEquals(1, limit.running());
    call.sendMessage(new byte[] {-1, -1, 7});
    var status = (Status) hear(told);
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertEquals("The request is no message of this method's kind.", status.getDescription());
    PeersTest.until(() -> limit.running() == 0);
  }

  @Test
  void aStreamThatIsCutFreesTheSession() throws Exception {
    var told = new LinkedBlockingQueue<Object>();
    ClientCall<byte[], byte[]> call = call(told);
    call.sendMessage(opening());
    hear(told);
    call.cancel("gone", null);
    PeersTest.until(() -> limit.running() == 0);
  }
}
