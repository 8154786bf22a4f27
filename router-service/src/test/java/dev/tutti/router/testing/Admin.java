package dev.tutti.router.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.learning.v1.ActivateVersionRequest;
import dev.tutti.learning.v1.CheckEvaluationRequest;
import dev.tutti.learning.v1.CheckFitRequest;
import dev.tutti.learning.v1.GetArtifactRequest;
import dev.tutti.learning.v1.GetShadowReportRequest;
import dev.tutti.learning.v1.GetVersionRequest;
import dev.tutti.learning.v1.LearningServiceGrpc;
import dev.tutti.learning.v1.LearningServiceGrpc.LearningServiceBlockingStub;
import dev.tutti.learning.v1.StartEvaluationRequest;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.router.v1.ActivityServiceGrpc;
import dev.tutti.router.v1.ActivityServiceGrpc.ActivityServiceBlockingStub;
import dev.tutti.router.v1.BudgetServiceGrpc;
import dev.tutti.router.v1.BudgetServiceGrpc.BudgetServiceBlockingStub;
import dev.tutti.router.v1.GetLearnerRequest;
import dev.tutti.router.v1.KeyServiceGrpc;
import dev.tutti.router.v1.KeyServiceGrpc.KeyServiceBlockingStub;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.LearnerServiceGrpc;
import dev.tutti.router.v1.LearnerServiceGrpc.LearnerServiceBlockingStub;
import dev.tutti.router.v1.RatedDecision;
import dev.tutti.router.v1.RatedDecisionServiceGrpc;
import dev.tutti.router.v1.ReadRatedDecisionsRequest;
import dev.tutti.team.v1.TeamDataServiceGrpc;
import dev.tutti.team.v1.TeamDataServiceGrpc.TeamDataServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.function.Executable;

/** Asks the router as the registry does for an administrator: by gRPC. */
public final class Admin {

  private static final int SECONDS = 20;

  private Admin() {}

  /** What an ensemble learned from feedback. */
  public static Learner learner(String ensemble) {
    return learners(
        stub ->
            stub.getLearner(GetLearnerRequest.newBuilder().setEnsemble(ensemble).build())
                .getLearner());
  }

  /** Asks of learners. */
  public static <T> T learners(Function<LearnerServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                LearnerServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Asks of fits and artifacts. */
  public static <T> T learning(Function<LearningServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                LearningServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Asks of jobs. */
  public static <T> T jobs(Function<JobServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                JobServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Starts a fit with these parameters, in JSON; its job. */
  public static JsonNode fit(String parameters) {
    var request =
        StartFitRequest.newBuilder().setParameters(struct(parameters)).setAuthor("ada").build();
    return json(learning(stub -> stub.startFit(request).getJob()));
  }

  /** Starts an evaluation with these parameters, in JSON; its job. */
  public static JsonNode evaluate(String parameters) {
    var request = StartEvaluationRequest.newBuilder().setParameters(struct(parameters)).build();
    return json(learning(stub -> stub.startEvaluation(request).getJob()));
  }

  /** Checks a fit with these parameters, in JSON. */
  public static void checkFit(String parameters) {
    var request = CheckFitRequest.newBuilder().setParameters(struct(parameters)).build();
    learning(stub -> stub.checkFit(request));
  }

  /** Checks an evaluation with these parameters, in JSON. */
  public static void checkEvaluation(String parameters) {
    var request = CheckEvaluationRequest.newBuilder().setParameters(struct(parameters)).build();
    learning(stub -> stub.checkEvaluation(request));
  }

  /** A job as it is now. */
  public static JsonNode job(String id) {
    return json(jobs(stub -> stub.get(GetRequest.newBuilder().setId(id).build()).getJob()));
  }

  /** An artifact. */
  public static JsonNode artifact(String name) {
    var request = GetArtifactRequest.newBuilder().setName(name).build();
    return json(learning(stub -> stub.getArtifact(request).getArtifact()));
  }

  /** A version of an artifact. */
  public static JsonNode version(String name, int version) {
    var request = GetVersionRequest.newBuilder().setName(name).setVersion(version).build();
    return json(learning(stub -> stub.getVersion(request).getVersion()));
  }

  /** Lets a version answer; the artifact as it is then. */
  public static JsonNode activate(String name, int version) {
    var request = ActivateVersionRequest.newBuilder().setName(name).setVersion(version).build();
    return json(learning(stub -> stub.activateVersion(request).getArtifact()));
  }

  /** What a version in shadow would have done; the one that is where it is 0. */
  public static JsonNode shadowReport(String name, int version) {
    var request = GetShadowReportRequest.newBuilder().setName(name).setVersion(version).build();
    return json(learning(stub -> stub.getShadowReport(request)));
  }

  /** A message with its fields by their names in proto/. */
  public static JsonNode json(Message message) {
    try {
      return Http.json(JsonFormat.printer().preservingProtoFieldNames().print(message));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static Struct struct(String json) {
    var struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, struct);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(json, e);
    }
    return struct.build();
  }

  /** Asks of what happened. */
  public static <T> T activity(Function<ActivityServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                ActivityServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Asks of budgets. */
  public static <T> T budgets(Function<BudgetServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                BudgetServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Asks of what is kept of teams. */
  public static <T> T teamData(Function<TeamDataServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                TeamDataServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token()))
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Asks of keys. */
  public static <T> T keys(Function<KeyServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                KeyServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token()))
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Has this answered to the end, for whoever brings this. */
  public static void generate(String authorization, GenerateRequest request) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    ask(
        channel -> {
          GenerationServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
              .generate(request)
              .forEachRemaining(event -> {});
          return null;
        });
  }

  private static Metadata token() {
    var token = new Metadata();
    token.put(ServiceToken.KEY, Neighbourhood.SERVICE_TOKEN);
    return token;
  }

  /** Why a question is not answered. */
  public static Failure refusal(Executable question) {
    return FailureStatus.fromThrowable(assertThrows(StatusRuntimeException.class, question));
  }

  /** Rated decisions, as the registry reads them. */
  public static List<RatedDecision> rated(ReadRatedDecisionsRequest request) {
    return ask(
        channel -> {
          var found = new ArrayList<RatedDecision>();
          RatedDecisionServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
              .readRatedDecisions(request)
              .forEachRemaining(its -> found.add(its.getDecision()));
          return found;
        });
  }

  private static <T> T ask(Function<ManagedChannel, T> question) {
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return question.apply(channel);
    } finally {
      channel.shutdownNow();
    }
  }
}
