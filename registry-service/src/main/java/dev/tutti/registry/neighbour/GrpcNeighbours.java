package dev.tutti.registry.neighbour;

import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.Violation;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.Neighbours;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import dev.tutti.registry.neighbour.MethodListing.Offer;
import dev.tutti.registry.v1.Model;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Asks the four services. Blocks; a service that does not answer in time counts as not there. */
@ApplicationScoped
public class GrpcNeighbours implements Neighbours {

  /** For questions that are answered from memory. */
  private static final int QUICK_SECONDS = 3;

  /** To read a model's files, or ask its endpoints: an answer may take far longer. */
  private static final int LOOK_SECONDS = 120;

  private final Neighbour router;
  private final Neighbour decoder;
  private final Neighbour fusion;
  private final Neighbour cascade;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  GrpcNeighbours(
      @GrpcClient("router") Channel router,
      @GrpcClient("decoder") Channel decoder,
      @GrpcClient("fusion") Channel fusion,
      @GrpcClient("cascade") Channel cascade) {
    this.router = new Neighbour("router-service", router);
    this.decoder = new Neighbour("decoder-service", decoder);
    this.fusion = new Neighbour("fusion-service", fusion);
    this.cascade = new Neighbour("cascade-service", cascade);
  }

  @Override
  public InspectResponse inspect(Model model) {
    var request = InspectRequest.newBuilder().setModel(model).build();
    try {
      return DecoderServiceGrpc.newBlockingStub(decoder.channel())
          .withDeadlineAfter(LOOK_SECONDS, TimeUnit.SECONDS)
          .inspect(request);
    } catch (StatusRuntimeException e) {
      throw refusal(decoder, e, model.getEndpointsCount() > 0 ? "endpoints" : "location");
    }
  }

  @Override
  public MethodDescription method(String name) {
    MethodListing listing = methods();
    for (Offer offer : listing.methods()) {
      if (offer.method().getName().equals(name)) {
        return offer.method();
      }
    }
    if (!listing.unavailable().isEmpty()) {
      throw new Refusal.Unavailable(
              "Whether there is a method '%s' cannot be told: %s cannot be asked. Try again."
                  .formatted(
                      name,
                      listing.unavailable().stream()
                          .map(Missing::service)
                          .collect(Collectors.joining(", "))))
          .exception();
    }
    throw Refusal.invalid(
        "method",
        "Unknown method '%s'; known: %s."
            .formatted(
                name,
                listing.methods().stream()
                    .map(o -> o.method().getName())
                    .collect(Collectors.joining(", "))));
  }

  @Override
  public List<Violation> validate(Family family, Recipe recipe) {
    Neighbour owner =
        switch (family) {
          case FAMILY_ROUTER -> router;
          case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS -> decoder;
          case FAMILY_FUSION -> fusion;
          case FAMILY_CASCADE -> cascade;
          case FAMILY_UNSPECIFIED, UNRECOGNIZED ->
              throw new Refusal.NeighbourFault(
                      "Method '%s' says of no family that it belongs to."
                          .formatted(recipe.getMethod()))
                  .exception();
        };
    var request = ValidateRequest.newBuilder().setRecipe(recipe).build();
    try {
      return MethodServiceGrpc.newBlockingStub(owner.channel())
          .withDeadlineAfter(QUICK_SECONDS, TimeUnit.SECONDS)
          .validate(request)
          .getViolationsList();
    } catch (StatusRuntimeException e) {
      throw refusal(owner, e, "method");
    }
  }

  /** The methods of all services, asked at once; those that cannot be asked are named. */
  public MethodListing methods() {
    List<Neighbour> services = List.of(router, decoder, fusion, cascade);
    var answers = new ArrayList<Future<List<MethodDescription>>>();
    for (Neighbour service : services) {
      answers.add(threads.submit(inThisContext(() -> list(service))));
    }
    var methods = new ArrayList<Offer>();
    var missing = new ArrayList<Missing>();
    for (int i = 0; i < services.size(); i++) {
      String service = services.get(i).service();
      try {
        answers.get(i).get().forEach(method -> methods.add(new Offer(service, method)));
      } catch (ExecutionException e) {
        missing.add(new Missing(service, FailureStatus.fromThrowable(e.getCause()).message()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while asking " + service, e);
      }
    }
    methods.sort(Comparator.comparing(offer -> offer.method().getName()));
    return new MethodListing(List.copyOf(methods), List.copyOf(missing));
  }

  private static List<MethodDescription> list(Neighbour service) {
    return MethodServiceGrpc.newBlockingStub(service.channel())
        .withDeadlineAfter(QUICK_SECONDS, TimeUnit.SECONDS)
        .list(ListRequest.getDefaultInstance())
        .getMethodsList();
  }

  /** Deadline and trace of the request go along. */
  private static <T> Callable<T> inThisContext(Callable<T> question) {
    return io.opentelemetry.context.Context.current().wrap(Context.current().wrap(question));
  }

  private static RefusedException refusal(
      Neighbour service, StatusRuntimeException status, String fallbackField) {
    return switch (FailureStatus.fromThrowable(status)) {
      case Failure.InvalidArgument f -> refused(f.field(), fallbackField, f.message());
      case Failure.NotFound f -> refused(f.field(), fallbackField, f.message());
      case Failure.FailedPrecondition f -> refused(f.field(), fallbackField, f.message());
      case Failure.ResourceExhausted f -> unavailable(service, f);
      case Failure.Unavailable f -> unavailable(service, f);
      case Failure.DeadlineExceeded f -> unavailable(service, f);
      case Failure.Cancelled f -> unavailable(service, f);
      case Failure.Internal f ->
          new Refusal.NeighbourFault(service.service() + " failed: " + f.message()).exception();
    };
  }

  private static RefusedException refused(String field, String fallback, String message) {
    // The decoder speaks of the model that it was handed; the registrant knows its fields only.
    String known = field.startsWith("model.") ? field.substring("model.".length()) : fallback;
    return new Refusal.Invalid(List.of(new FieldError(known, message))).exception();
  }

  private static RefusedException unavailable(Neighbour service, Failure failure) {
    return new Refusal.Unavailable(
            "%s cannot be asked: %s Try again.".formatted(service.service(), failure.message()),
            failure.retryAfter())
        .exception();
  }
}
