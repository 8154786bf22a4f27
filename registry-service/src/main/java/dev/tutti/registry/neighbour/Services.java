package dev.tutti.registry.neighbour;

import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The four services that have methods, by name, and how they are asked. Blocks; a service that does
 * not answer in time counts as not there.
 */
@ApplicationScoped
public class Services {

  /** The front door. */
  public static final String ROUTER = "router-service";

  /** The door to models. */
  public static final String DECODER = "decoder-service";

  /** Where all members answer. */
  public static final String FUSION = "fusion-service";

  /** Where members answer until one is good enough. */
  public static final String CASCADE = "cascade-service";

  /** For questions that are answered from memory. */
  public static final Duration QUICK = Duration.ofSeconds(3);

  private final Map<String, Channel> channels = new LinkedHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Services(
      @GrpcClient("router") Channel router,
      @GrpcClient("decoder") Channel decoder,
      @GrpcClient("fusion") Channel fusion,
      @GrpcClient("cascade") Channel cascade) {
    channels.put(ROUTER, router);
    channels.put(DECODER, decoder);
    channels.put(FUSION, fusion);
    channels.put(CASCADE, cascade);
  }

  /**
   * What was answered.
   *
   * @param answers by service, in the order in which they were to be asked
   * @param unavailable the services that could not be asked, and why
   */
  public record Answers<T>(Map<String, T> answers, List<Missing> unavailable) {}

  /** All four. */
  public List<String> names() {
    return List.copyOf(channels.keySet());
  }

  /**
   * Whom to call.
   *
   * @throws RefusedException {@link Refusal.NotFound} where there is no such service
   */
  Channel channel(String service) {
    Channel channel = channels.get(service);
    if (channel == null) {
      throw new Refusal.NotFound(
              "There is no service '%s'; there are: %s."
                  .formatted(cut(service), String.join(", ", channels.keySet())))
          .exception();
    }
    return channel;
  }

  /**
   * Hands a question on to one service.
   *
   * @param within the time that it has
   * @throws RefusedException {@link Refusal.NotFound} where there is no such service, {@link
   *     Refusal.NotOffered} where it does not have what is asked for, {@link Refusal.OfService}
   *     with what it answers else
   */
  public <S extends AbstractStub<S>, T> T ask(
      String service, Duration within, Function<Channel, S> stub, Function<S, T> question) {
    S asked = stub.apply(channel(service));
    try {
      return question.apply(asked.withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        throw new Refusal.NotOffered(
                "%s does not have that: it learns nothing, or keeps no such record."
                    .formatted(service))
            .exception();
      }
      throw new Refusal.OfService(service, FailureStatus.fromThrowable(e)).exception();
    }
  }

  /**
   * Hands a question on to one service that answers piece by piece. What comes back is to be
   * closed, which calls the question off where it is not answered yet; so does the end of the gRPC
   * context in which it was asked, such as that of a client who left.
   *
   * @param within the time that the whole answer has
   * @throws RefusedException {@link Refusal.NotFound} where there is no such service
   * @throws dev.tutti.kit.grpc.FailureException with what it answers else, now or while it is read
   */
  public <S extends AbstractStub<S>, T> ClientStream<T> stream(
      String service,
      Duration within,
      Function<Channel, S> stub,
      Function<S, Iterator<T>> question) {
    S asked =
        stub.apply(channel(service)).withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS);
    return ClientStream.open(() -> question.apply(asked));
  }

  /**
   * Whether a service says that it serves; so does one that does not tell.
   *
   * @throws RefusedException {@link Refusal.OfService} where it does not answer
   */
  public boolean serves(String service) {
    try {
      return ask(
              service,
              QUICK,
              HealthGrpc::newBlockingStub,
              stub -> stub.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          == ServingStatus.SERVING;
    } catch (RefusedException e) {
      if (e.refusal() instanceof Refusal.NotOffered) {
        return true;
      }
      throw e;
    }
  }

  /**
   * Puts a question to several services at once.
   *
   * @param question asks one, as {@link #ask} does
   * @return what they answered; those that could not be asked are named
   * @throws RefusedException what one of them refuses
   */
  public <T> Answers<T> each(List<String> services, Function<String, T> question) {
    var asked = new LinkedHashMap<String, Future<T>>();
    services.forEach(s -> asked.put(s, threads.submit(inThisContext(() -> question.apply(s)))));
    var answers = new LinkedHashMap<String, T>();
    var missing = new ArrayList<Missing>();
    asked.forEach(
        (service, answer) -> {
          try {
            answers.put(service, answer.get());
          } catch (ExecutionException e) {
            if (e.getCause() instanceof RefusedException refused
                && refused.refusal() instanceof Refusal.OfService of
                && of.away()) {
              missing.add(new Missing(service, of.failure().message()));
            } else if (e.getCause() instanceof RuntimeException fault) {
              throw fault;
            } else {
              throw new IllegalStateException("A fault while asking " + service, e);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while asking " + service, e);
          }
        });
    return new Answers<>(answers, List.copyOf(missing));
  }

  /** Deadline and trace of the request go along. */
  private static <T> Callable<T> inThisContext(Callable<T> question) {
    return io.opentelemetry.context.Context.current().wrap(Context.current().wrap(question));
  }

  private static String cut(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
