package dev.tutti.registry.testing;

import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.KeyServiceGrpc;
import dev.tutti.router.v1.KeySpend;
import dev.tutti.router.v1.ListKeySpendRequest;
import dev.tutti.router.v1.ListKeySpendResponse;
import io.grpc.stub.StreamObserver;

/** A router that has one key's spend. */
public final class ScriptedKeySpend extends KeyServiceGrpc.KeyServiceImplBase {

  private static volatile String key = "";

  /** This one has spent 1.25 US dollars this month, 0.5 of them today. */
  public static void of(String id) {
    key = id;
  }

  @Override
  public void listKeySpend(
      ListKeySpendRequest request, StreamObserver<ListKeySpendResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListKeySpendResponse.newBuilder()
                .addKeys(
                    KeySpend.newBuilder()
                        .setKey(key)
                        .setMonthRequests(1_234)
                        .setMonthTokens(56_789)
                        .setMonthUsd(1.25)
                        .setDayUsd(0.5))
                .build());
  }
}
