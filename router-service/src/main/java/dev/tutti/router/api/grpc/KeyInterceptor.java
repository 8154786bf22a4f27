package dev.tutti.router.api.grpc;

import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.router.access.Caller;
import dev.tutti.router.access.FrontDoor;
import dev.tutti.router.v1.DecisionServiceGrpc;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.RouterServiceGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/**
 * The {@link FrontDoor} of gRPC: a call brings a key, in {@code authorization} or {@code
 * x-api-key}, or is one of this platform's own services. What is in no line here is for
 * administrators.
 */
@GlobalInterceptor
@ApplicationScoped
class KeyInterceptor implements ServerInterceptor {

  private static final Map<String, KeyScope> NEEDED =
      Map.of(
          DecisionServiceGrpc.getGetDecisionMethod().getFullMethodName(), KeyScope.KEY_SCOPE_USE,
          DecisionServiceGrpc.getListDecisionsMethod().getFullMethodName(), KeyScope.KEY_SCOPE_USE,
          GenerationServiceGrpc.getGenerateMethod().getFullMethodName(), KeyScope.KEY_SCOPE_USE,
          RouterServiceGrpc.getRouteMethod().getFullMethodName(), KeyScope.KEY_SCOPE_USE,
          RouterServiceGrpc.getRouteBatchMethod().getFullMethodName(), KeyScope.KEY_SCOPE_USE,
          FeedbackServiceGrpc.getGiveMethod().getFullMethodName(), KeyScope.KEY_SCOPE_FEEDBACK,
          FeedbackServiceGrpc.getListFeedbackMethod().getFullMethodName(),
              KeyScope.KEY_SCOPE_FEEDBACK);

  private static final String OURS = "tutti.";
  private static final Metadata.Key<String> AUTHORIZATION = header("authorization");
  private static final Metadata.Key<String> API_KEY = header("x-api-key");

  private final FrontDoor door;

  KeyInterceptor(FrontDoor door) {
    this.door = door;
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    MethodDescriptor<Q, P> method = call.getMethodDescriptor();
    if (method.getServiceName() == null || !method.getServiceName().startsWith(OURS)) {
      // Health and reflection are anybody's.
      return next.startCall(call, headers);
    }
    Caller caller;
    try {
      caller =
          door.admit(
              headers.get(ServiceToken.KEY),
              headers.get(AUTHORIZATION),
              headers.get(API_KEY),
              NEEDED.getOrDefault(method.getFullMethodName(), KeyScope.KEY_SCOPE_ADMIN));
    } catch (FailureException e) {
      StatusRuntimeException told = FailureStatus.toStatus(e);
      call.close(told.getStatus(), told.getTrailers());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(caller.in(Context.current()), call, headers, next);
  }

  private static Metadata.Key<String> header(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
