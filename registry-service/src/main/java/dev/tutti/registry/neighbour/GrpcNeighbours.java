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
import io.grpc.StatusRuntimeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Asks the four services. Blocks; a service that does not answer in time counts as not there. */
@ApplicationScoped
public class GrpcNeighbours implements Neighbours {

  /** To read a model's files, or ask its endpoints: an answer may take far longer. */
  private static final int LOOK_SECONDS = 120;

  private final Services services;

  GrpcNeighbours(Services services) {
    this.services = services;
  }

  @Override
  public InspectResponse inspect(Model model) {
    var request = InspectRequest.newBuilder().setModel(model).build();
    try {
      return DecoderServiceGrpc.newBlockingStub(services.channel(Services.DECODER))
          .withDeadlineAfter(LOOK_SECONDS, TimeUnit.SECONDS)
          .inspect(request);
    } catch (StatusRuntimeException e) {
      throw refusal(Services.DECODER, e, model.getEndpointsCount() > 0 ? "endpoints" : "location");
    }
  }

  @Override
  public MethodDescription method(String name) {
    return offer(name).method();
  }

  /**
   * The method of this name, with the service that has it.
   *
   * @throws RefusedException {@link Refusal.Invalid} where no service has it, {@link
   *     Refusal.NeighbourFault} where two have, {@link Refusal.Unavailable} where that cannot be
   *     told
   */
  public Offer offer(String name) {
    MethodListing listing = methods();
    List<Offer> found =
        listing.methods().stream().filter(o -> o.method().getName().equals(name)).toList();
    if (found.size() > 1) {
      throw new Refusal.NeighbourFault(
              "Names of methods are unique, but %s have a method '%s'."
                  .formatted(
                      found.stream().map(Offer::service).collect(Collectors.joining(" and ")),
                      name))
          .exception();
    }
    if (found.size() == 1) {
      return found.getFirst();
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
    String owner =
        switch (family) {
          case FAMILY_ROUTER -> Services.ROUTER;
          case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS -> Services.DECODER;
          case FAMILY_FUSION -> Services.FUSION;
          case FAMILY_CASCADE -> Services.CASCADE;
          case FAMILY_UNSPECIFIED, UNRECOGNIZED ->
              throw new Refusal.NeighbourFault(
                      "Method '%s' says of no family that it belongs to."
                          .formatted(recipe.getMethod()))
                  .exception();
        };
    var request = ValidateRequest.newBuilder().setRecipe(recipe).build();
    try {
      return MethodServiceGrpc.newBlockingStub(services.channel(owner))
          .withDeadlineAfter(Services.QUICK.toSeconds(), TimeUnit.SECONDS)
          .validate(request)
          .getViolationsList();
    } catch (StatusRuntimeException e) {
      throw refusal(owner, e, "method");
    }
  }

  /** The methods of all services, asked at once; those that cannot be asked are named. */
  public MethodListing methods() {
    Services.Answers<List<MethodDescription>> told =
        services.each(
            services.names(),
            service ->
                services.ask(
                    service,
                    Services.QUICK,
                    MethodServiceGrpc::newBlockingStub,
                    stub -> stub.list(ListRequest.getDefaultInstance()).getMethodsList()));
    List<Offer> methods =
        told.answers().entrySet().stream()
            .flatMap(its -> its.getValue().stream().map(m -> new Offer(its.getKey(), m)))
            .sorted(Comparator.comparing(offer -> offer.method().getName()))
            .toList();
    return new MethodListing(methods, told.unavailable());
  }

  private static RefusedException refusal(
      String service, StatusRuntimeException status, String fallbackField) {
    return switch (FailureStatus.fromThrowable(status)) {
      case Failure.InvalidArgument f -> refused(f.field(), fallbackField, f.message());
      case Failure.NotFound f -> refused(f.field(), fallbackField, f.message());
      case Failure.FailedPrecondition f -> refused(f.field(), fallbackField, f.message());
      case Failure.ResourceExhausted f -> unavailable(service, f);
      case Failure.Unavailable f -> unavailable(service, f);
      case Failure.DeadlineExceeded f -> unavailable(service, f);
      case Failure.Cancelled f -> unavailable(service, f);
      case Failure.Unauthenticated f -> fault(service, f);
      case Failure.PermissionDenied f -> fault(service, f);
      case Failure.Internal f -> fault(service, f);
    };
  }

  private static RefusedException refused(String field, String fallback, String message) {
    // The decoder speaks of the model that it was handed; the registrant knows its fields only.
    String known = field.startsWith("model.") ? field.substring("model.".length()) : fallback;
    return new Refusal.Invalid(List.of(new FieldError(known, message))).exception();
  }

  private static RefusedException fault(String service, Failure failure) {
    return new Refusal.NeighbourFault(service + " failed: " + failure.message()).exception();
  }

  private static RefusedException unavailable(String service, Failure failure) {
    return new Refusal.Unavailable(
            "%s cannot be asked: %s Try again.".formatted(service, failure.message()),
            failure.retryAfter())
        .exception();
  }
}
