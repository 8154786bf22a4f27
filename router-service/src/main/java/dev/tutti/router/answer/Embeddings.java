package dev.tutti.router.answer;

import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.registry.v1.Model;
import dev.tutti.router.access.Caller;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.decision.Spend;
import dev.tutti.router.limit.Admission;
import dev.tutti.router.limit.Limits;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Neighbours;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.OptionalDouble;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Sentence embeddings, by a registered model or by the decoder's own. The latter is called by the
 * name in {@code tutti.router.embedding-model}, needs no registration and is free.
 */
@ApplicationScoped
public class Embeddings {

  private static final double MILLION = 1e6;

  private final KnownNames names;
  private final Neighbours neighbours;
  private final DecisionLog decisions;
  private final RequestMetrics metrics;
  private final Limits limits;
  private final String own;

  Embeddings(
      KnownNames names,
      Neighbours neighbours,
      DecisionLog decisions,
      RequestMetrics metrics,
      Limits limits,
      @ConfigProperty(name = "tutti.router.embedding-model") String own) {
    this.names = names;
    this.neighbours = neighbours;
    this.decisions = decisions;
    this.metrics = metrics;
    this.limits = limits;
    this.own = own;
  }

  /**
   * Vectors and what they cost.
   *
   * @param member the own name of the model, whatever alias it was called by
   * @param costUsd US dollars; at least 0
   */
  public record Embedded(EmbedResponse response, String member, double costUsd) {}

  /** Whether a model takes a request as its caller wrote it. */
  public boolean takesWire(String model) {
    return names.directory().map(d -> d.takesWire(model)).orElse(false);
  }

  /**
   * Refuses a name that does not embed, before anything else is said of a request.
   *
   * @throws dev.tutti.kit.grpc.FailureException as {@link #embed(String, String, List)}
   */
  public void requireEmbedding(String model) {
    try {
      entry(model);
    } catch (RuntimeException e) {
      metrics.refused(e);
      throw e;
    }
  }

  /** Name of the decoder's own model. */
  public String ownModel() {
    return own;
  }

  /**
   * Embeds texts.
   *
   * @param id of the decision, which is kept
   * @throws dev.tutti.kit.grpc.FailureException when the model does not embed, or the decoder fails
   */
  public Embedded embed(String id, String model, List<String> texts) {
    return embed(id, model, EmbedRequest.newBuilder().addAllTexts(texts));
  }

  /**
   * Embeds as an endpoint does, byte by byte.
   *
   * @param id of the decision, which is kept
   * @param body the request as its caller wrote it
   * @throws dev.tutti.kit.grpc.FailureException as {@link #embed(String, String, List)}
   */
  public Embedded relay(String id, String model, byte[] body) {
    return embed(
        id, model, EmbedRequest.newBuilder().setBody(UnsafeByteOperations.unsafeWrap(body)));
  }

  private Embedded embed(String id, String model, EmbedRequest.Builder request) {
    Entry.Single entry;
    Admission admission;
    try {
      entry = entry(model);
      decisions.awaitRoom();
      admission = admit(entry, request);
    } catch (RuntimeException e) {
      metrics.refused(e);
      throw e;
    }
    var running = metrics.start(entry.name(), 0);
    return admission.spend(
        () -> embed(id, entry, request, running),
        its -> its.response().getPromptTokens(),
        Embedded::costUsd);
  }

  private Admission admit(Entry.Single entry, EmbedRequest.Builder request) {
    long characters =
        request.getTextsList().stream().mapToLong(Usages::characters).sum()
            + request.getBody().size();
    long tokens = Usages.tokens(characters);
    return limits.admit(
        tokens, tokens * entry.member().getPrices().getUsdPerMillionPromptTokens() / MILLION);
  }

  private Embedded embed(
      String id, Entry.Single entry, EmbedRequest.Builder request, RequestMetrics.Running running) {
    try {
      EmbedResponse response =
          neighbours.embed(request.setModel(entry.version() == 0 ? "" : entry.name()).build());
      double usd =
          response.getPromptTokens()
              * entry.member().getPrices().getUsdPerMillionPromptTokens()
              / MILLION;
      Completion completion =
          Completion.newBuilder()
              .setUsage(
                  Usage.newBuilder()
                      .setPromptTokens(response.getPromptTokens())
                      .setEstimated(response.getEstimated()))
              .setCostUsd(usd)
              .build();
      Spend spend = Spend.of(completion.getUsage(), usd);
      decisions.keep(
          Decisions.answered(id, entry, completion),
          spend,
          running.ending(false, OptionalDouble.empty()));
      running.answered(spend);
      return new Embedded(response, entry.name(), usd);
    } catch (RuntimeException e) {
      running.failed(e, Spend.NOTHING);
      throw e;
    }
  }

  private Entry.Single entry(String model) {
    Caller.current().requireMayAsk(names.own(model));
    boolean registered = names.directory().flatMap((Directory d) -> d.find(model)).isPresent();
    if (!registered && model.equals(own)) {
      return new Entry.Single(
          Model.newBuilder().setName(own).build(), Member.newBuilder().setModel(own).build());
    }
    if (names.resolve(model) instanceof Entry.Single single
        && single.member().getCapabilitiesList().contains(Capability.CAPABILITY_EMBEDDING)) {
      return single;
    }
    throw new Failure.InvalidArgument(
            "name", "MODEL_CANNOT_EMBED", "'%s' does not embed; '%s' does.".formatted(model, own))
        .exception();
  }
}
