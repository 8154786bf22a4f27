package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.method.v1.Recipe;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

class CheckedIdTest {

  @Test
  void aRequestIsCheckedBeforeTheLogTellsItsId() throws Exception {
    // Nobody answers: what gets past the check fails as an internal error.
    var server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new GenerationApi(null, null))
            .build()
            .start();
    var channel =
        Grpc.newChannelBuilderForAddress(
                "127.0.0.1", server.getPort(), InsecureChannelCredentials.create())
            .build();
    try {
      GenerateRequest forged =
          GenerateRequest.newBuilder()
              .setRequestId("a\nb")
              .setRecipe(Recipe.newBuilder().setEnsemble("e"))
              .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("hi"))
              .build();
      var events = GenerationServiceGrpc.newBlockingStub(channel).generate(forged);
      var refused = assertThrows(StatusRuntimeException.class, events::hasNext);
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
