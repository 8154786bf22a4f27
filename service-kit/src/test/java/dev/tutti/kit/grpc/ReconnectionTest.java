package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReconnectionTest {

  @ParameterizedTest
  @EnumSource(ConnectivityState.class)
  void onlyTheWaitOfAFailedChannelIsCutShort(ConnectivityState state) {
    var channel = new ScriptedChannel(state);
    Reconnection.reconnect(channel);
    assertEquals(state == ConnectivityState.TRANSIENT_FAILURE ? 1 : 0, channel.resets);
  }

  private static final class ScriptedChannel extends ManagedChannel {

    private final ConnectivityState state;
    private int resets;

    ScriptedChannel(ConnectivityState state) {
      this.state = state;
    }

    @Override
    public ConnectivityState getState(boolean requestConnection) {
      // Asking must not wake an idle channel.
      assertEquals(false, requestConnection);
      return state;
    }

    @Override
    public void resetConnectBackoff() {
      resets++;
    }

    @Override
    public ManagedChannel shutdown() {
      return this;
    }

    @Override
    public ManagedChannel shutdownNow() {
      return this;
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }

    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
      throw new AssertionError("no calls here");
    }

    @Override
    public String authority() {
      return "";
    }
  }
}
