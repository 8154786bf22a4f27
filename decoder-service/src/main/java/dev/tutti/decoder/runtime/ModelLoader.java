package dev.tutti.decoder.runtime;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.registry.v1.Model;

/** Where a pool gets its models. */
public interface ModelLoader {

  /** Bytes of memory that the model will take. */
  long bytes(Model model);

  /** Loads it. */
  LanguageModel load(Model model);
}
