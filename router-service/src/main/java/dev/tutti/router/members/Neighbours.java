package dev.tutti.router.members;

import dev.tutti.cascade.v1.CascadeServiceGrpc.CascadeServiceBlockingStub;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusionServiceGrpc.FusionServiceBlockingStub;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.learning.fit.Embedder;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.MethodServiceGrpc.MethodServiceBlockingStub;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The services that answer: models live in the decoder, ensembles where their family lives. */
@ApplicationScoped
public class Neighbours {

  @GrpcClient("decoder")
  GenerationServiceBlockingStub decoder;

  @GrpcClient("fusion")
  GenerationServiceBlockingStub fusion;

  @GrpcClient("fusion")
  FusionServiceBlockingStub fuser;

  @GrpcClient("fusion")
  MethodServiceBlockingStub fusions;

  @GrpcClient("cascade")
  GenerationServiceBlockingStub cascade;

  @GrpcClient("cascade")
  CascadeServiceBlockingStub decider;

  @GrpcClient("decoder")
  DecoderServiceBlockingStub embedder;

  private final Embedder fits;
  private final Map<String, Boolean> rewriting = new ConcurrentHashMap<>();

  Neighbours(Embedder fits) {
    this.fits = fits;
  }

  /**
   * Asks a model; the request's target is the member.
   *
   * @throws FailureException when the call cannot be made
   */
  public ClientStream<GenerateResponse> askModel(GenerateRequest request) {
    return open(decoder, request);
  }

  /**
   * Asks an ensemble of another service; the request's target is the recipe.
   *
   * @throws FailureException when the call cannot be made
   */
  public ClientStream<GenerateResponse> askEnsemble(Family family, GenerateRequest request) {
    return switch (family) {
      case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS -> open(decoder, request);
      case FAMILY_FUSION -> open(fusion, request);
      case FAMILY_CASCADE -> open(cascade, request);
      case FAMILY_ROUTER, FAMILY_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("No neighbour answers for " + family);
    };
  }

  /**
   * Embeds texts.
   *
   * @throws FailureException when the decoder cannot
   */
  public EmbedResponse embed(EmbedRequest request) {
    long start = System.nanoTime();
    try {
      return Deadlines.apply(embedder).embed(request);
    } catch (StatusRuntimeException e) {
      throw FailureStatus.naming(
          new FailureException(FailureStatus.fromThrowable(e), e),
          request.getModel().isEmpty() ? "decoder-service" : request.getModel(),
          start);
    }
  }

  /**
   * The embeddings that routers look at, of texts of any length: by the decoder's own model, of the
   * first and the last {@value Embedder#KEPT_TOKENS} / 2 tokens, as fits embed theirs.
   *
   * @param texts 1 to 2,048
   * @return one a text, in their order, of unit length
   * @throws FailureException when the decoder cannot
   */
  public List<float[]> embed(List<String> texts) {
    return fits.embed(texts);
  }

  /**
   * Has answers fused that a caller brought along; the question's target is the recipe.
   *
   * @throws FailureException where the fusion fails, or its service cannot be reached; it tells
   *     what was used as far as the service told it
   */
  public FuseResponse fuse(FuseRequest request) {
    return unary(() -> Deadlines.apply(fuser).fuse(request));
  }

  /**
   * Whether a method of fusion-service rewrites prompts, as that describes it; true where it does
   * not tell, since such a method may cost more. It is asked about each method once.
   */
  public boolean rewrites(String method) {
    if (!rewriting.containsKey(method)) {
      try {
        Deadlines.apply(fusions)
            .list(ListRequest.getDefaultInstance())
            .getMethodsList()
            .forEach(its -> rewriting.put(its.getName(), its.getRewrites()));
      } catch (StatusRuntimeException e) {
        return true;
      }
    }
    return rewriting.getOrDefault(method, true);
  }

  /**
   * Has it decided what a cascade does with answers that a caller brought along; the question's
   * target is the recipe.
   *
   * @throws FailureException where that fails, or the service cannot be reached
   */
  public DecideResponse decide(DecideRequest request) {
    return unary(() -> Deadlines.apply(decider).decide(request));
  }

  private static <R> R unary(Supplier<R> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw new FailureException(FailureStatus.fromThrowable(e), e, FailureStatus.spent(e));
    }
  }

  private static ClientStream<GenerateResponse> open(
      GenerationServiceBlockingStub stub, GenerateRequest request) {
    return ClientStream.open(() -> Deadlines.apply(stub).generate(request));
  }
}
