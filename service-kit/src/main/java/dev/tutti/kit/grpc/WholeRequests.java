package dev.tutti.kit.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Services that get requests whole or not at all. One that is no message of its kind is the
 * caller's fault (gRPC itself would say UNKNOWN and log a stack), and so is one that does not come.
 */
final class WholeRequests {

  private static final Status MALFORMED =
      Status.INVALID_ARGUMENT.withDescription("The request is no message of this method's kind.");

  private static final ScheduledThreadPoolExecutor CLOCK = Deadlines.clock("request-timeouts");

  private final Duration timeout;

  /**
   * Made with a bound.
   *
   * @param timeout from a call's headers to the end of its one request
   */
  WholeRequests(Duration timeout) {
    this.timeout = timeout;
  }

  /** The service, with each of its methods guarded. */
  ServerServiceDefinition guard(ServerServiceDefinition service) {
    ServiceDescriptor descriptor = service.getServiceDescriptor();
    var methods = service.getMethods().stream().map(this::guard).toList();
    var described =
        ServiceDescriptor.newBuilder(descriptor.getName())
            .setSchemaDescriptor(descriptor.getSchemaDescriptor());
    methods.forEach(method -> described.addMethod(method.getMethodDescriptor()));
    var guarded = ServerServiceDefinition.builder(described.build());
    methods.forEach(guarded::addMethod);
    return guarded.build();
  }

  private <Q, A> ServerMethodDefinition<Q, A> guard(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new Lenient<>(descriptor.getRequestMarshaller()),
                descriptor.getResponseMarshaller())
            .build(),
        (call, headers) ->
            new Request<>(call, method.getServerCallHandler().startCall(call, headers), timeout));
  }

  /** What stands for a request that could not be read. */
  private record Unreadable(Status status) {}

  /** Reads a request, or else hands on why it cannot be read: whoever throws here has no call. */
  private record Lenient<Q>(MethodDescriptor.Marshaller<Q> marshaller)
      implements MethodDescriptor.Marshaller<Q> {

    @Override
    public InputStream stream(Q value) {
      return marshaller.stream(value);
    }

    @Override
    @SuppressWarnings("unchecked") // Request takes it out again before anybody looks.
    public Q parse(InputStream bytes) {
      try {
        return marshaller.parse(bytes);
      } catch (StatusRuntimeException e) {
        boolean tooLarge = e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED;
        return (Q) new Unreadable(tooLarge ? e.getStatus() : MALFORMED);
      } catch (RuntimeException e) {
        // Such as a compressed message that does not unpack.
        return (Q) new Unreadable(MALFORMED);
      }
    }
  }

  /** One call; its listener is called by one thread at a time, the clock beside it. */
  private static final class Request<Q> extends SimpleForwardingServerCallListener<Q> {

    private final ServerCall<Q, ?> call;
    private final Future<?> clock;

    /** Whether the request came whole, or the call was ended without it. */
    private final AtomicBoolean settled = new AtomicBoolean();

    Request(ServerCall<Q, ?> call, ServerCall.Listener<Q> service, Duration timeout) {
      super(service);
      this.call = call;
      clock =
          call.getMethodDescriptor().getType().clientSendsOneMessage()
              ? CLOCK.schedule(() -> late(timeout), timeout.toMillis(), TimeUnit.MILLISECONDS)
              : null;
    }

    @Override
    public void onMessage(Q message) {
      if (message instanceof Unreadable unreadable) {
        end(unreadable.status());
      } else if (!settled.get() || clock == null) {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (settled.compareAndSet(false, true)) {
        stop();
        super.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      stop();
      super.onCancel();
    }

    @Override
    public void onComplete() {
      stop();
      super.onComplete();
    }

    private void late(Duration timeout) {
      end(
          Status.DEADLINE_EXCEEDED.withDescription(
              "The request did not come within %d s.".formatted(timeout.toSeconds())));
    }

    private void end(Status status) {
      if (settled.compareAndSet(false, true)) {
        stop();
        call.close(status, new Metadata());
      }
    }

    private void stop() {
      if (clock != null) {
        clock.cancel(false);
      }
    }
  }
}
