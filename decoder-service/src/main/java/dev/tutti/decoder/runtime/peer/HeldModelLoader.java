package dev.tutti.decoder.runtime.peer;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.runtime.ModelLoadException;
import dev.tutti.decoder.runtime.ModelLoader;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Model;
import java.util.Optional;

/** Loads models that this decoder holds from its files, and others from the decoders that do. */
public final class HeldModelLoader implements ModelLoader {

  private final ModelLoader files;
  private final Peers peers;

  /**
   * A loader.
   *
   * @param files loads what this decoder holds
   */
  public HeldModelLoader(ModelLoader files, Peers peers) {
    this.files = files;
    this.peers = peers;
  }

  /**
   * {@inheritDoc} Of what is elsewhere there is no more than the tokenizer here: it counts as 0.
   */
  @Override
  public long bytes(Model model) {
    return holding(model).isPresent() ? 0 : files.bytes(model);
  }

  @Override
  public LanguageModel load(Model model) {
    Optional<Peer> peer = holding(model);
    return peer.isPresent() ? PeerModel.load(model.getName(), peer.get()) : files.load(model);
  }

  private Optional<Peer> holding(Model model) {
    try {
      return peers.holding(model);
    } catch (FailureException e) {
      throw new ModelLoadException(e.getMessage(), e);
    }
  }
}
