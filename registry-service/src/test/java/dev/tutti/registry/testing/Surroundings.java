package dev.tutti.registry.testing;

import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.EndpointStanding;
import dev.tutti.decoder.v1.GetStandingRequest;
import dev.tutti.decoder.v1.GetStandingResponse;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.decoder.v1.UnloadedModel;
import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
import dev.tutti.kit.settings.Setting;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.FitDescription;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.type.v1.Capability;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * All that the registry under test sees of the world: four scripted neighbours, which can be
 * stopped and started, and the way to its database, which can be cut. Opened once.
 *
 * <p>The methods: {@code coin} (router, setting tilt in [0, 1], roles {@code side}, the usual one,
 * and {@code judge}, which needs SCORING), {@code mean} (token, needs FULL_DISTRIBUTION, takes no
 * ensembles), {@code ballot} (fusion, from 2 members on), {@code ladder} (cascade, needs LOGPROBS,
 * takes no ensembles, learns, rewrites prompts).
 *
 * <p>Router and cascade learn, and have jobs; the decoder and fusion do not.
 */
public final class Surroundings {

  private static Surroundings opened;

  private final Map<String, Server> servers = new HashMap<>();
  private final List<InspectRequest> inspections = new CopyOnWriteArrayList<>();
  private final List<Metadata> headers = new CopyOnWriteArrayList<>();
  private final ScriptedTeamData decided = new ScriptedTeamData("decisions", true);
  private final ScriptedTeamData cached = new ScriptedTeamData("cached_answers", false);
  private final CuttableProxy database;
  private final ScriptedRated rated = new ScriptedRated();
  private final Semaphore jobLists = new Semaphore(0);
  private final Semaphore slowFits = new Semaphore(0);
  private final Semaphore slowFitsCalledOff = new Semaphore(0);
  private final Semaphore lateFits = new Semaphore(0);
  private final ScriptedAnswers answers = new ScriptedAnswers();
  private final ScriptedGeneration generation = new ScriptedGeneration(answers);
  private final ScriptedFeedback feedback = new ScriptedFeedback();

  private Surroundings() {
    URI url = URI.create(databaseUrl().substring("jdbc:".length()));
    database =
        new CuttableProxy(setting(RegistryTestResource.PROXY_PORT), url.getHost(), url.getPort());
    List.of("router", "decoder", "fusion", "cascade").forEach(this::start);
  }

  /** The surroundings of the registry under test. */
  public static synchronized Surroundings open() {
    if (opened == null) {
      opened = new Surroundings();
    }
    return opened;
  }

  /** JDBC URL of the database itself, not through the way that can be cut. */
  public static String databaseUrl() {
    return ConfigProvider.getConfig().getValue(RegistryTestResource.DATABASE, String.class);
  }

  static int setting(String name) {
    return ConfigProvider.getConfig().getValue(name, Integer.class);
  }

  /** Cuts the way to the database. */
  public void cutDatabase() {
    database.cut();
  }

  /** Opens the way to the database again. */
  public void restoreDatabase() {
    database.open();
  }

  /** Stops a neighbour. */
  public void stop(String client) {
    Server server = servers.remove(client).shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts a neighbour, on the port on which the registry looks for it. */
  public void start(String client) {
    start(client, client);
  }

  /** Starts a neighbour that has another one's methods. */
  public void start(String client, String methodsOf) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(
                    "127.0.0.1", setting(RegistryTestResource.clientPort(client))))
            .intercept(new Headers())
            .addService(methods(methodsOf));
    switch (client) {
      case "decoder" -> builder.addService(new Decoder());
      case "router" ->
          builder
              .addService(new ScriptedLearning(slowFits, slowFitsCalledOff, lateFits))
              .addService(new ScriptedJobs(true, List.of(10, 8, 6, 5, 1), jobLists))
              .addService(new ScriptedLearners())
              .addService(new ScriptedActivity())
              .addService(new ScriptedBudgets())
              .addService(new ScriptedDecisions())
              .addService(feedback)
              .addService(generation)
              .addService(rated)
              .addService(new ScriptedKeySpend())
              .addService(decided);
      case "cascade" ->
          builder
              .addService(new ScriptedLearning(slowFits, slowFitsCalledOff, lateFits))
              .addService(new ScriptedJobs(false, List.of(9, 7, 2), jobLists))
              .addService(new ScriptedCaches())
              .addService(new ScriptedSolutions())
              .addService(cached);
      default -> {
        // Has nothing but its methods.
      }
    }
    // What listened there before may not have let go of the port yet.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!servers.containsKey(client)) {
      try {
        servers.put(client, builder.build().start());
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw new UncheckedIOException(e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  /** Who answers behind the router. */
  public ScriptedGeneration generation() {
    return generation;
  }

  /** Whose decisions were rated. */
  public ScriptedRated rated() {
    return rated;
  }

  /** What the decoder was asked to inspect. */
  public List<InspectRequest> inspections() {
    return inspections;
  }

  /** What the cascade was asked to delete of teams. */
  public List<DeleteTeamDataRequest> deletedTeamData() {
    return cached.asked();
  }

  /** Has a permit for every list of jobs that router and cascade gave. */
  public Semaphore jobLists() {
    return jobLists;
  }

  /** Gets a permit for every fit of the dataset {@code late} that may go on. */
  public Semaphore lateFits() {
    return lateFits;
  }

  /**
   * Has a permit for every fit of the datasets {@code slow} and {@code late} that was asked for.
   */
  public Semaphore slowFits() {
    return slowFits;
  }

  /** Has a permit for every one of them that was called off. */
  public Semaphore slowFitsCalledOff() {
    return slowFitsCalledOff;
  }

  /** How the router answers. */
  public ScriptedAnswers answers() {
    return answers;
  }

  /** What the router was told of answers. */
  public ScriptedFeedback feedback() {
    return feedback;
  }

  /** Headers of all calls, in the order in which they arrived. */
  public List<Metadata> headers() {
    return headers;
  }

  record NoSettings() {}

  record Tilt(@Setting(help = "How unfair it is.", min = 0, max = 1) double tilt) {}

  record Pace(
      @Setting(help = "Steps at once.", min = 1, max = 4, unit = "steps") int steps,
      @Setting(help = "How they sound.") Sound sound,
      @Setting(help = "name of the artifact that it stands on") String artifact) {}

  enum Sound {
    LOUD,
    SILENT
  }

  private static BindableService methods(String client) {
    MethodDefinition<Record> method =
        switch (client) {
          case "router" ->
              method(
                      "coin",
                      Family.FAMILY_ROUTER,
                      Set.of(Capability.CAPABILITY_EMBEDDING),
                      1,
                      true,
                      new Tilt(0.5))
                  .with(
                      new MethodRole("side", Members.atLeast(1), Set.of(), "Is drawn.", true),
                      new MethodRole(
                          "judge",
                          new Members(0, 2),
                          Set.of(Capability.CAPABILITY_SCORING),
                          "Says who is right.",
                          false));
          case "decoder" ->
              method(
                  "mean",
                  Family.FAMILY_TOKEN,
                  Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
                  1,
                  false,
                  new NoSettings());
          case "fusion" ->
              method("ballot", Family.FAMILY_FUSION, Set.of(), 2, true, new NoSettings());
          default ->
              learning(
                  method(
                          "ladder",
                          Family.FAMILY_CASCADE,
                          Set.of(Capability.CAPABILITY_LOGPROBS),
                          1,
                          false,
                          new Pace(2, Sound.LOUD, ""))
                      .rewriting());
        };
    return new CatalogMethodService(MethodCatalog.of(method)) {};
  }

  private static MethodDefinition<Record> learning(MethodDefinition<Record> method) {
    return method.fittedAs(
        FitDescription.newBuilder()
            .addSettings(method.describe().getSettings(0))
            .setMinMembers(2)
            .setMaxMembers(64)
            .build());
  }

  private static <S extends Record> MethodDefinition<Record> method(
      String name, Family family, Set<Capability> needs, int least, boolean nestable, S defaults) {
    return MethodDefinition.<Record, S>of(
        name,
        family,
        "A toy.",
        "Nobody, never.",
        needs,
        Members.atLeast(least),
        nestable,
        defaults.getClass(),
        defaults,
        settings -> settings);
  }

  /** Knows what is in a folder by its name. */
  private final class Decoder extends DecoderServiceGrpc.DecoderServiceImplBase {

    @Override
    public void inspect(InspectRequest request, StreamObserver<InspectResponse> observer) {
      inspections.add(request);
      ServerCalls.unary(
          observer,
          () ->
              request.getModel().getEndpointsCount() > 0
                  ? ask(request.getModel().getEndpoints(0))
                  : look(request.getModel().getLocation()));
    }

    @Override
    public void getStanding(
        GetStandingRequest request, StreamObserver<GetStandingResponse> observer) {
      ServerCalls.unary(
          observer,
          () ->
              GetStandingResponse.newBuilder()
                  .addEndpoints(
                      EndpointStanding.newBuilder()
                          .setModel("<img src=y>")
                          .setPlace(2)
                          .setFailing(true)
                          .setSecondsLeftAlone(4.5))
                  .addEndpoints(EndpointStanding.newBuilder().setModel("well").setPlace(1))
                  .setEndpointsInAll(2)
                  .setEndpointsAway(1)
                  .addFailed(
                      UnloadedModel.newBuilder()
                          .setModel("broken")
                          .setReason("It is <b>no</b> file."))
                  .build());
    }

    private static InspectResponse ask(String endpoint) {
      return switch (endpoint) {
        case "https://well.example.com/v1" ->
            InspectResponse.newBuilder()
                .addCapabilities(Capability.CAPABILITY_GENERATION)
                .addCapabilities(Capability.CAPABILITY_TOP_LOGPROBS)
                .setTopLogprobs(5)
                .build();
        case "https://key.example.com/v1" ->
            throw new Failure.FailedPrecondition(
                    "model.credential", "ENDPOINT_CREDENTIAL_REFUSED", "The key is refused.")
                .exception();
        case "https://full.example.com/v1" ->
            throw new Failure.ResourceExhausted(
                    "ENDPOINT_RATE_LIMITED", "It takes no more.", Duration.ofSeconds(70))
                .exception();
        default ->
            throw new Failure.Unavailable("ENDPOINT_UNREACHABLE", "It cannot be reached.")
                .exception();
      };
    }

    private static InspectResponse look(String location) {
      InspectResponse.Builder response =
          InspectResponse.newBuilder()
              .addCapabilities(Capability.CAPABILITY_GENERATION)
              .setSha256("ab".repeat(32));
      return switch (location) {
        case "full" ->
            response
                .addCapabilities(Capability.CAPABILITY_LOGPROBS)
                .addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION)
                .addCapabilities(Capability.CAPABILITY_SCORING)
                .setContextLength(128)
                .setParameters(1000)
                .build();
        case "plain" -> response.setContextLength(64).build();
        case "silent" -> response.build();
        case "corrupt" ->
            throw new Failure.InvalidArgument(
                    "model.location", "MODEL_INVALID", "corrupt/model.onnx is no ONNX file.")
                .exception();
        case "foreign" ->
            throw new Failure.FailedPrecondition(
                    "", "MODEL_INVALID", "foreign/tokenizer.json has 12 tokens, the model 40.")
                .exception();
        case "broken" -> throw new IllegalStateException("A fault.");
        case "busy" ->
            throw new Failure.Unavailable("LOADING", "Models are being loaded.").exception();
        default ->
            throw new Failure.NotFound(
                    "model.location", "MODEL_NOT_FOUND", "There is no '%s'.".formatted(location))
                .exception();
      };
    }
  }

  private final class Headers implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
      headers.add(metadata);
      return next.startCall(call, metadata);
    }
  }
}
