package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in at the gRPC of a service that other machines reach. */
class ServiceDoorTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  private Server server;
  private ManagedChannel channel;

  private static ServiceToken token(String text) {
    return new ServiceToken(Optional.of(text));
  }

  private static ServiceDoor door(String token, boolean servicesOnly, String keys, String host) {
    return new ServiceDoor(token(token), servicesOnly, Optional.of(keys), host);
  }

  private void serve(ServiceDoor door) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(
                new RegistryServiceGrpc.RegistryServiceImplBase() {
                  @Override
                  public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
                    observer.onNext(WatchResponse.getDefaultInstance());
                    observer.onCompleted();
                  }
                })
            .intercept(door)
            .build()
            .start();
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void close() {
    if (server != null) {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private void watch(ClientInterceptor... calls) {
    var watch =
        RegistryServiceGrpc.newBlockingStub(channel)
            .withInterceptors(calls)
            .watch(WatchRequest.newBuilder().setKeys(true).build());
    assertEquals(WatchResponse.getDefaultInstance(), watch.next());
  }

  private void refused(ClientInterceptor... calls) {
    Status status = assertThrows(StatusRuntimeException.class, () -> watch(calls)).getStatus();
    assertEquals(Status.Code.UNAUTHENTICATED, status.getCode());
    assertTrue(status.getDescription().contains(ServiceToken.HEADER), status.getDescription());
  }

  private static ClientInterceptor says(String text) {
    var headers = new Metadata();
    headers.put(ServiceToken.KEY, text);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  @Test
  void beyondLoopbackServicesOfThePlatformAloneComeIn() throws IOException {
    serve(door(TOKEN, true, "", "0.0.0.0"));
    watch(token(TOKEN));
    refused();
    refused(says(""));
    refused(says(TOKEN + "x"));
    refused(says(TOKEN.substring(1)));
    refused(token("another token of thirty-two chars".replace(' ', '-')));
  }

  @Test
  void soTheyDoWhereKeysAreRequired() throws IOException {
    serve(door(TOKEN, true, "required", "127.0.0.1"));
    refused();
    watch(token(TOKEN));
  }

  @Test
  void onThisMachineAloneEverybodyDoes() throws IOException {
    serve(door("", true, "", "127.0.0.1"));
    watch();
    watch(token(TOKEN));
  }

  @Test
  void aServiceWithADoorOfItsOwnHasThat() throws IOException {
    serve(door(TOKEN, false, "", "0.0.0.0"));
    watch();
  }

  @Test
  void withoutATokenItDoesNotStartWhereItNeedsOne() {
    assertThrows(IllegalStateException.class, () -> door("", true, "", "192.168.1.7").start(null));
    assertThrows(IllegalStateException.class, () -> door(" ", true, "required", "::1").start(null));
    door("", true, "", "localhost").start(null);
    door("", false, "", "0.0.0.0").start(null);
    door(TOKEN, true, "", "0.0.0.0").start(null);
  }
}
