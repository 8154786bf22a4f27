package dev.tutti.router.api.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.router.testing.Keys;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.v1.DecisionServiceGrpc;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.GetDecisionRequest;
import dev.tutti.router.v1.LearnerServiceGrpc;
import dev.tutti.router.v1.ListDecisionsRequest;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListLearnersRequest;
import dev.tutti.router.v1.RouteRequest;
import dev.tutti.router.v1.RouterServiceGrpc;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who is let in at the gRPC of the front door. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class KeyInterceptorTest {

  private ManagedChannel channel;

  @BeforeEach
  void open() {
    Keys.unlock();
    Neighbourhood.calm();
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    Keys.lock(
        Keys.of("search", "search"),
        Keys.of("other", "other"),
        Keys.of("some", "search").toBuilder().addModels("anna").build(),
        Keys.of("rater", "search").toBuilder()
            .clearScopes()
            .addScopes(KeyScope.KEY_SCOPE_FEEDBACK)
            .build(),
        Keys.admin("root"));
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    Keys.unlock();
  }

  private Channel with(String header, String value) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private Channel key(String id) {
    return with("authorization", Keys.bearer(id));
  }

  private static GenerateRequest.Builder ask(String name) {
    return GenerateRequest.newBuilder()
        .setName(name)
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("Who?"));
  }

  private static int generate(Channel channel, GenerateRequest.Builder request) {
    int events = 0;
    var answer = GenerationServiceGrpc.newBlockingStub(channel).generate(request.build());
    while (answer.hasNext()) {
      answer.next();
      events++;
    }
    return events;
  }

  private static void refused(Status.Code code, Executable call) {
    assertEquals(code, assertThrows(StatusRuntimeException.class, call).getStatus().getCode());
  }

  @Test
  void aCallBringsAKeyOfItsScope() {
    refused(Status.Code.UNAUTHENTICATED, () -> generate(channel, ask("anna")));
    refused(Status.Code.UNAUTHENTICATED, () -> generate(key("nobody"), ask("anna")));
    refused(Status.Code.PERMISSION_DENIED, () -> generate(key("rater"), ask("anna")));
    assertEquals(4, generate(key("search"), ask("anna")));
    assertEquals(4, generate(with("x-api-key", Keys.text("search")), ask("anna")));
    var route =
        RouteRequest.newBuilder().setName("blend").addAllMessages(ask("").getMessagesList());
    RouterServiceGrpc.newBlockingStub(key("search")).route(route.build());
    refused(
        Status.Code.PERMISSION_DENIED,
        () -> RouterServiceGrpc.newBlockingStub(key("some")).route(route.build()));
    FeedbackServiceGrpc.newBlockingStub(key("rater"))
        .listFeedback(ListFeedbackRequest.getDefaultInstance());
  }

  @Test
  void whatIsForAdministratorsIsForThemAndForServicesOnly() {
    var ask = ListLearnersRequest.getDefaultInstance();
    refused(
        Status.Code.UNAUTHENTICATED,
        () -> LearnerServiceGrpc.newBlockingStub(channel).listLearners(ask));
    refused(
        Status.Code.PERMISSION_DENIED,
        () -> LearnerServiceGrpc.newBlockingStub(key("search")).listLearners(ask));
    LearnerServiceGrpc.newBlockingStub(key("root")).listLearners(ask);
    Channel service = with(ServiceToken.HEADER, Neighbourhood.SERVICE_TOKEN);
    LearnerServiceGrpc.newBlockingStub(service).listLearners(ask);
    MethodServiceGrpc.newBlockingStub(service).list(ListRequest.getDefaultInstance());
    refused(
        Status.Code.UNAUTHENTICATED,
        () ->
            LearnerServiceGrpc.newBlockingStub(
                    with(ServiceToken.HEADER, Neighbourhood.SERVICE_TOKEN + "x"))
                .listLearners(ask));
  }

  /** Once the admin REST asks everybody, nobody does here without a key what it refuses. */
  @Test
  void whatIsForAdministratorsIsLockedWithTheAdminRest() {
    Keys.unlock();
    var ask = ListLearnersRequest.getDefaultInstance();
    var open = LearnerServiceGrpc.newBlockingStub(channel);
    open.listLearners(ask);
    Neighbourhood.registry.tell(
        Neighbourhood.usual().toBuilder().setAdminLocked(true).addKeys(Keys.admin("root")).build());
    Keys.await(() -> isUnauthenticated(() -> open.listLearners(ask)));
    assertEquals(4, generate(channel, ask("anna")));
    LearnerServiceGrpc.newBlockingStub(key("root")).listLearners(ask);
    LearnerServiceGrpc.newBlockingStub(with(ServiceToken.HEADER, Neighbourhood.SERVICE_TOKEN))
        .listLearners(ask);
  }

  private static boolean isUnauthenticated(Runnable call) {
    try {
      call.run();
      return false;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Status.Code.UNAUTHENTICATED;
    }
  }

  @Test
  void decisionsAreToldToTheirTeamAndToServices() {
    String id = Keys.chat("anna", "search").header("x-tutti-decision-id");
    var ask = GetDecisionRequest.newBuilder().setId(id).build();
    var list = ListDecisionsRequest.newBuilder().setTeam("search").setPageSize(1_000).build();
    Channel service = with(ServiceToken.HEADER, Neighbourhood.SERVICE_TOKEN);
    for (Channel sees : List.of(key("search"), key("some"), key("root"), service)) {
      var stub = DecisionServiceGrpc.newBlockingStub(sees);
      assertEquals("search", stub.getDecision(ask).getDecision().getKey());
      Keys.await(
          () ->
              stub.listDecisions(list).getDecisionsList().stream()
                  .anyMatch(its -> its.getId().equals(id) && its.getKey().equals("search")));
    }
    var theirs = DecisionServiceGrpc.newBlockingStub(key("other"));
    refused(Status.Code.NOT_FOUND, () -> theirs.getDecision(ask));
    assertEquals(0, theirs.listDecisions(list).getDecisionsCount());
    var rater = DecisionServiceGrpc.newBlockingStub(key("rater"));
    refused(Status.Code.PERMISSION_DENIED, () -> rater.getDecision(ask));
    refused(Status.Code.PERMISSION_DENIED, () -> rater.listDecisions(list));
    refused(
        Status.Code.UNAUTHENTICATED,
        () -> DecisionServiceGrpc.newBlockingStub(channel).listDecisions(list));
  }

  @Test
  void pagesOfDecisionsFollowEachOther() {
    var stub = DecisionServiceGrpc.newBlockingStub(key("search"));
    String first = Keys.chat("anna", "search").header("x-tutti-decision-id");
    String second = Keys.chat("bert", "search").header("x-tutti-decision-id");
    var ask = ListDecisionsRequest.newBuilder().setKey("search");
    Keys.await(
        () ->
            stub.listDecisions(ask.build()).getDecisionsList().stream()
                .anyMatch(its -> its.getId().equals(second)));
    var newest = stub.listDecisions(ask.setPageSize(1).build());
    assertEquals(second, newest.getDecisions(0).getId());
    var next = stub.listDecisions(ask.setPageToken(newest.getNextPageToken()).build());
    assertEquals(first, next.getDecisions(0).getId());
    assertEquals("0.25", next.getDecisions(0).getCostUsd());
    ask.clearPageToken().setPageSize(50);
    var from = ask.setFrom(newest.getDecisions(0).getTime()).build();
    assertEquals(second, stub.listDecisions(from).getDecisions(0).getId());
    var to = ask.clearFrom().setTo(next.getDecisions(0).getTime()).build();
    assertTrue(
        stub.listDecisions(to).getDecisionsList().stream()
            .noneMatch(its -> List.of(first, second).contains(its.getId())));
    for (var wrong :
        List.of(
            ask.clone().setPageSize(1_001),
            ask.clone().setPageSize(-1),
            ask.clone().setPageToken("x"),
            ask.clone().setFailedValue(7),
            ask.clone().setMember("a\0b"),
            ask.clone().setFrom(Timestamp.newBuilder().setNanos(-1)))) {
      refused(Status.Code.INVALID_ARGUMENT, () -> stub.listDecisions(wrong.build()));
    }
  }

  @Test
  void nobodyAsksInTheNameOfAnotherTeam() {
    assertEquals(4, generate(key("search"), ask("steps").setTeam("them")));
    assertEquals("search", Neighbourhood.cascade.requests().getFirst().getTeam());
  }

  /** It is not kept, and nobody pays for it. */
  @Test
  void onlyServicesAskWithinAnotherAnswer() {
    refused(Status.Code.PERMISSION_DENIED, () -> generate(key("search"), ask("anna").setDepth(1)));
    assertEquals(
        4,
        generate(with(ServiceToken.HEADER, Neighbourhood.SERVICE_TOKEN), ask("anna").setDepth(1)));
  }

  @Test
  void whoMayAskSomeSendsNoRecipes() {
    var recipe =
        ask("anna")
            .setRecipe(
                Recipe.newBuilder()
                    .setEnsemble("sent")
                    .setMethod("blending")
                    .addMembers(
                        Member.newBuilder()
                            .setModel("bert")
                            .addCapabilities(Capability.CAPABILITY_GENERATION)));
    refused(Status.Code.PERMISSION_DENIED, () -> generate(key("some"), recipe));
    assertEquals(5, generate(key("search"), recipe));
  }
}
