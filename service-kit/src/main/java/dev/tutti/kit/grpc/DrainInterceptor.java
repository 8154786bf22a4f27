package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.GenerateRequest;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * The {@link Drain} of a service's gRPC. A nested ensemble belongs to an answer that this service
 * has begun itself, and is answered while it stops. Nobody waits for those who watch: they stay as
 * long as they can.
 */
@GlobalInterceptor
@ApplicationScoped
class DrainInterceptor implements ServerInterceptor {

  private static final String OURS = "tutti.";
  private static final String WATCH = "Watch";

  private final Drain drain;

  DrainInterceptor(Drain drain) {
    this.drain = drain;
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    String service = call.getMethodDescriptor().getServiceName();
    if (service == null || !service.startsWith(OURS)) {
      // Health and reflection answer to the end.
      return next.startCall(call, headers);
    }
    boolean waitedFor = !WATCH.equals(call.getMethodDescriptor().getBareMethodName());
    var drained = new Drained<>(call, waitedFor);
    return drained.listening(Contexts.interceptCall(drained.context, drained, headers, next));
  }

  private static boolean isNested(Object message) {
    return message instanceof GenerateRequest request
        && request.hasName()
        && request.getDepth() > 0;
  }

  /** One call; its first message says whether it is a new one. */
  private final class Drained<Q, P> extends SimpleForwardingServerCall<Q, P> {

    private final Context.CancellableContext context = Context.current().withCancellation();
    private final boolean waitedFor;
    private volatile Drain.Live live;
    private boolean refused;

    Drained(ServerCall<Q, P> call, boolean waitedFor) {
      super(call);
      this.waitedFor = waitedFor;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      Optional<Failure> cut = status.isOk() || live == null ? Optional.empty() : live.failure();
      if (cut.isPresent()) {
        close(cut.get());
      } else {
        super.close(status, trailers);
      }
    }

    private void close(Failure failure) {
      StatusRuntimeException told = FailureStatus.toStatus(failure.exception());
      super.close(told.getStatus(), told.getTrailers());
    }

    private boolean admits(Q message) {
      if (live != null || refused) {
        return !refused;
      }
      Optional<Drain.Live> begun = isNested(message) ? drain.within() : drain.begin();
      if (begun.isEmpty()) {
        refused = true;
        close(drain.refusal());
        return false;
      }
      live = begun.get();
      live.whenCut(() -> context.cancel(new CancelledException()));
      if (!waitedFor) {
        live.close();
      }
      return true;
    }

    private void end() {
      if (live != null) {
        live.close();
      }
      context.cancel(null);
    }

    ServerCall.Listener<Q> listening(ServerCall.Listener<Q> handler) {
      return new SimpleForwardingServerCallListener<>(handler) {
        @Override
        public void onMessage(Q message) {
          if (admits(message)) {
            super.onMessage(message);
          }
        }

        @Override
        public void onHalfClose() {
          if (!refused) {
            super.onHalfClose();
          }
        }

        @Override
        public void onComplete() {
          end();
          super.onComplete();
        }

        @Override
        public void onCancel() {
          end();
          super.onCancel();
        }
      };
    }
  }
}
