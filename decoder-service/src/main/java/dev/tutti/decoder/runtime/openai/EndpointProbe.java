package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Model;
import dev.tutti.type.v1.Capability;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out what a model's endpoints can do by asking each of them for a token or two. What all of
 * them can, the model can. Thread-safe.
 */
public final class EndpointProbe {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROMPT = "The capital of France is";

  private final EndpointCalls calls;
  private final RemoteModels models;
  private final ContextProbe contexts;

  /** A probe. */
  public EndpointProbe(EndpointCalls calls, RemoteModels models) {
    this.calls = calls;
    this.models = models;
    this.contexts = new ContextProbe(calls);
  }

  /** What one endpoint can do. */
  private record Found(Set<Capability> capabilities, int alternatives, int context) {

    /** What both can. */
    Found and(Found other) {
      var both = EnumSet.copyOf(capabilities);
      both.retainAll(other.capabilities);
      return new Found(
          both,
          Math.min(alternatives, other.alternatives),
          context == 0 || other.context == 0
              ? Math.max(context, other.context)
              : Math.min(context, other.context));
    }
  }

  /**
   * Looks at a model that is not registered yet.
   *
   * @throws FailureException names the endpoint that does not answer, or the key that is refused
   */
  public InspectResponse inspect(Model model) {
    if (model.getEndpointsCount() < 1) {
      throw new Failure.FailedPrecondition(
              "model.endpoints",
              "ENDPOINT_NOT_FOUND",
              "A model of runtime openai needs endpoints, which are base URLs.")
          .exception();
    }
    Found found = null;
    for (int i = 0; i < model.getEndpointsCount(); i++) {
      Model alone = model.toBuilder().clearEndpoints().addEndpoints(model.getEndpoints(i)).build();
      Found its;
      try {
        its = probe(models.unregistered(alone));
      } catch (EndpointException e) {
        throw new FailureException(told(e.registrants(), "model.endpoints[%d]".formatted(i)), e);
      }
      found = found == null ? its : found.and(its);
    }
    if (found.capabilities().isEmpty()) {
      throw new Failure.FailedPrecondition(
              "model.endpoints",
              "ENDPOINTS_DIFFER",
              "The endpoints have nothing in common: one generates, another embeds.")
          .exception();
    }
    return InspectResponse.newBuilder()
        .addAllCapabilities(found.capabilities())
        .setContextLength(found.context())
        .setTopLogprobs(found.alternatives())
        .build();
  }

  /** What lasts is the registration's fault, what passes is not. */
  private static Failure told(Failure failure, String field) {
    return switch (failure) {
      case Failure.InvalidArgument f ->
          new Failure.FailedPrecondition(field, "ENDPOINT_REFUSES", f.message());
      case Failure.FailedPrecondition f ->
          new Failure.FailedPrecondition(
              f.reason().startsWith("CREDENTIAL_") || f.reason().contains("_CREDENTIAL_")
                  ? "model.credential"
                  : field,
              f.reason(),
              f.message());
      default -> failure;
    };
  }

  private Found probe(RemoteModel model) {
    int context = contexts.find(model);
    var capabilities = EnumSet.noneOf(Capability.class);
    EndpointException noChat = null;
    try {
      chat(model, capabilities);
    } catch (EndpointException e) {
      if (e.passing() || isOurs(e)) {
        throw e;
      }
      noChat = e;
    }
    int alternatives = 0;
    if (noChat == null) {
      alternatives = alternatives(model);
      if (alternatives > 0) {
        capabilities.add(Capability.CAPABILITY_TOP_LOGPROBS);
      }
      if (tellsPrompt(model)) {
        capabilities.add(Capability.CAPABILITY_SCORING);
      }
    }
    ObjectNode embed = body(model).put("input", PROMPT);
    if (answer(model, "/embeddings", embed).map(a -> a.path("data").size() > 0).orElse(false)) {
      capabilities.add(Capability.CAPABILITY_EMBEDDING);
    }
    if (capabilities.isEmpty()) {
      throw noChat;
    }
    return new Found(capabilities, alternatives, context);
  }

  /** Refused keys and hosts are no question of what the model can do. */
  static boolean isOurs(EndpointException e) {
    return e.failure() instanceof Failure.FailedPrecondition f
        && !f.reason().equals("ENDPOINT_NOT_FOUND");
  }

  /** A token of a chat, with as much around it as the endpoint gives. */
  private void chat(RemoteModel model, Set<Capability> capabilities) {
    ObjectNode plain = body(model);
    plain.putArray("messages").addObject().put("role", "user").put("content", PROMPT);
    ObjectNode scored = plain.deepCopy().put("max_tokens", 1).put("logprobs", true);
    Chunk chunk;
    try {
      chunk = ask(model, "/chat/completions", scored);
    } catch (EndpointException e) {
      if (e.passing() || isOurs(e)) {
        throw e;
      }
      try {
        chunk = ask(model, "/chat/completions", plain.deepCopy().put("max_tokens", 1));
      } catch (EndpointException again) {
        if (again.passing() || isOurs(again)) {
          throw again;
        }
        // Hosted models that think before they write know only the newer name.
        chunk = ask(model, "/chat/completions", plain.put("max_completion_tokens", 16));
      }
    }
    capabilities.add(Capability.CAPABILITY_GENERATION);
    if (chunk.tokens().stream().anyMatch(token -> !Double.isNaN(token.logprob()))) {
      capabilities.add(Capability.CAPABILITY_LOGPROBS);
    }
  }

  /**
   * How many alternatives the next token of a raw text comes with: token ensembles go on with a
   * text that others wrote too, which chats do not take.
   */
  private int alternatives(RemoteModel model) {
    for (int wanted : new int[] {20, 5}) {
      ObjectNode body =
          body(model).put("prompt", PROMPT).put("max_tokens", 1).put("logprobs", wanted);
      try {
        List<Chunk.Token> tokens = ask(model, "/completions", body).tokens();
        return tokens.isEmpty() ? 0 : Math.min(20, tokens.getFirst().top().size());
      } catch (EndpointException e) {
        requireRoom(e);
        // Fewer, then.
      }
    }
    return 0;
  }

  private boolean tellsPrompt(RemoteModel model) {
    try {
      List<Chunk.Token> tokens =
          ask(model, "/completions", RemoteScoring.body(model.remoteName(), PROMPT)).tokens();
      return tokens.size() > 2 && !Double.isNaN(tokens.get(1).logprob());
    } catch (EndpointException e) {
      requireRoom(e);
      return false;
    }
  }

  private Optional<JsonNode> answer(RemoteModel model, String path, ObjectNode body) {
    try {
      return Optional.of(calls.whole(model, path, own(body), EndpointProbe::tree));
    } catch (EndpointException e) {
      requireRoom(e);
      return Optional.empty();
    }
  }

  /** An endpoint that is full says nothing about what it can do: to be asked again later. */
  private static void requireRoom(EndpointException e) {
    if (e.failure() instanceof Failure.ResourceExhausted) {
      throw e;
    }
  }

  private Chunk ask(RemoteModel model, String path, ObjectNode body) {
    return ask(model, path, own(body));
  }

  private Chunk ask(RemoteModel model, String path, OwnBody body) {
    return calls.whole(model, path, body, RemoteScoring::completion);
  }

  /** What a field is good for is what the probe asks: none goes by itself. */
  private static OwnBody own(ObjectNode body) {
    return new OwnBody(body, Set.of());
  }

  static JsonNode tree(String endpoint, byte[] answer, Credential key) {
    try {
      JsonNode tree = JSON.readTree(answer);
      if (tree != null && tree.isObject()) {
        return tree;
      }
      throw EndpointFailures.malformed(endpoint, "it is no JSON object", null);
    } catch (IOException e) {
      throw EndpointFailures.malformed(endpoint, "it is no JSON", e);
    }
  }

  private static ObjectNode body(RemoteModel model) {
    return JsonNodeFactory.instance.objectNode().put("model", model.remoteName());
  }
}
