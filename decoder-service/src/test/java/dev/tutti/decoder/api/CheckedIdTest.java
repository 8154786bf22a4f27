package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

class CheckedIdTest {

  /** How it ends; nobody answers, so what gets past the check fails as an internal error. */
  private static StatusRuntimeException refused(GenerateRequest.Builder request) throws Exception {
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
      var asked =
          request
              .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("hi"))
              .build();
      var events = GenerationServiceGrpc.newBlockingStub(channel).generate(asked);
      return assertThrows(StatusRuntimeException.class, events::hasNext);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void aRequestIsCheckedBeforeTheLogTellsItsId() throws Exception {
    var refused =
        refused(
            GenerateRequest.newBuilder()
                .setRequestId("a\nb")
                .setRecipe(Recipe.newBuilder().setEnsemble("e")));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
  }

  @Test
  void aModelThatIsAskedAloneHasNoSamplingOfItsOwn() throws Exception {
    var alone = Member.newBuilder().setModel("m").setSampling(MemberSampling.newBuilder().setN(2));
    Failure failure =
        FailureStatus.fromThrowable(refused(GenerateRequest.newBuilder().setMember(alone)));
    assertEquals(
        "member.sampling", assertInstanceOf(Failure.InvalidArgument.class, failure).field());
  }
}
