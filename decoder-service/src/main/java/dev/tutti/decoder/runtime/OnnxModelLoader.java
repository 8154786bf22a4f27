package dev.tutti.decoder.runtime;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.registry.v1.Model;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Loads models from folders below the models' folder. */
public final class OnnxModelLoader implements ModelLoader {

  private static final Logger LOG = Logger.getLogger(OnnxModelLoader.class);

  private final OnnxRuntime runtime;
  private final Optional<Path> root;
  private final ComputeThreads threads;

  /**
   * A loader.
   *
   * @param root the models' folder; every load is refused where there is none
   * @param threads that it loads on
   */
  public OnnxModelLoader(OnnxRuntime runtime, Optional<Path> root, ComputeThreads threads) {
    this.runtime = runtime;
    this.root = root.map(Path::toAbsolutePath);
    this.threads = threads;
  }

  /**
   * The files at a location.
   *
   * @throws ModelLoadException when they are not there, or elsewhere
   */
  public ModelFolder folder(String location) {
    return ModelFolder.below(
        root.orElseThrow(
            () ->
                new ModelLoadException(
                    "No models folder is configured (tutti.decoder.models-dir).")),
        location);
  }

  @Override
  public long bytes(Model model) {
    return folder(model.getLocation()).bytes();
  }

  @Override
  public LanguageModel load(Model model) {
    return threads.run(() -> loadNow(model));
  }

  private LanguageModel loadNow(Model model) {
    ModelFolder folder = folder(model.getLocation());
    if (!model.getSha256().isEmpty() && !model.getSha256().equals(folder.sha256())) {
      LOG.warnf(
          "The files of %s in '%s' are not those that were registered (SHA-256 %s)",
          model.getName(), model.getLocation(), model.getSha256());
    }
    return OnnxLanguageModel.load(model.getName(), runtime, folder);
  }
}
