package dev.tutti.decoder.answer;

import dev.tutti.decoder.runtime.DecoderConfig;
import dev.tutti.decoder.runtime.ModelFolder;
import dev.tutti.decoder.runtime.ModelLoadException;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.runtime.OnnxModelLoader;
import dev.tutti.decoder.runtime.OnnxRuntime;
import dev.tutti.decoder.runtime.openai.EndpointProbe;
import dev.tutti.decoder.runtime.peer.Peer;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Model;
import dev.tutti.type.v1.Capability;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Looks at a model that is not registered yet. */
@Singleton
public class Inspection {

  private static final List<Capability> OF_A_DECODER =
      List.of(
          Capability.CAPABILITY_GENERATION,
          Capability.CAPABILITY_LOGPROBS,
          Capability.CAPABILITY_FULL_DISTRIBUTION,
          Capability.CAPABILITY_SCORING);

  private final OnnxRuntime runtime;
  private final OnnxModelLoader loader;
  private final DecoderConfig config;
  private final EndpointProbe probe;
  private final Peers peers;

  /** An inspector. */
  public Inspection(
      OnnxRuntime runtime,
      OnnxModelLoader loader,
      DecoderConfig config,
      EndpointProbe probe,
      Peers peers) {
    this.probe = probe;
    this.peers = peers;
    this.runtime = runtime;
    this.loader = loader;
    this.config = config;
  }

  /**
   * What it is, from its files, here or on the decoder that holds it, or its endpoints.
   *
   * @throws FailureException when it could not be served
   */
  public InspectResponse inspect(Model model) {
    Optional<Peer> elsewhere = peers.holding(model);
    if (elsewhere.isPresent()) {
      return elsewhere.get().inspect(InspectRequest.newBuilder().setModel(model).build());
    }
    return switch (model.getRuntime()) {
      case RUNTIME_ONNX -> open(model);
      case RUNTIME_OPENAI -> probe.inspect(model);
      case RUNTIME_UNSPECIFIED, UNRECOGNIZED ->
          throw new Failure.FailedPrecondition(
                  "model.runtime",
                  "RUNTIME_NOT_SERVED",
                  "The runtime is not known; this service runs onnx and openai.")
              .exception();
    };
  }

  // One at a time: an inspected model is not counted against the memory budget.
  private synchronized InspectResponse open(Model model) {
    try {
      ModelFolder folder = loader.folder(model.getLocation());
      long budget = config.memoryBudget().asLongValue();
      if (folder.bytes() > budget) {
        throw new ModelLoadException(
            "It takes %,d bytes; all models together may take %,d."
                .formatted(folder.bytes(), budget));
      }
      try (var opened = OnnxLanguageModel.load(model.getName(), runtime, folder)) {
        return InspectResponse.newBuilder()
            .addAllCapabilities(OF_A_DECODER)
            .addAllCapabilities(
                opened.hiddenWidth() > 0 ? List.of(Capability.CAPABILITY_HIDDEN_STATE) : List.of())
            .addAllCapabilities(
                opened.tellsOutputEmbeddings()
                    ? List.of(Capability.CAPABILITY_OUTPUT_EMBEDDINGS)
                    : List.of())
            .setContextLength(opened.contextLength())
            .setParameters(folder.parameters())
            .setVocabularySize(opened.tokenizer().size())
            .setSha256(folder.sha256())
            .build();
      }
    } catch (ModelLoadException e) {
      throw new FailureException(
          new Failure.FailedPrecondition("model.location", "MODEL_LOAD_FAILED", e.getMessage()), e);
    }
  }
}
