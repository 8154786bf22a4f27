package dev.tutti.decoder.runtime;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A language model in a {@link ModelFolder}, run by ONNX Runtime. */
public final class OnnxLanguageModel implements LanguageModel {

  private final String name;
  private final OnnxRuntime runtime;
  private final DecoderGraph graph;
  private final Path file;
  private final ModelText text;

  private OnnxLanguageModel(
      String name, OnnxRuntime runtime, DecoderGraph graph, Path file, ModelText text) {
    this.name = name;
    this.runtime = runtime;
    this.graph = graph;
    this.file = file;
    this.text = text;
  }

  /**
   * Loads a model.
   *
   * @param name in the registry
   * @throws ModelLoadException when a file is missing or corrupt, or two contradict each other
   */
  public static OnnxLanguageModel load(String name, OnnxRuntime runtime, ModelFolder folder) {
    DecoderGraph graph = DecoderGraph.open(runtime, folder);
    try {
      return new OnnxLanguageModel(
          name,
          runtime,
          graph,
          folder.file(ModelFolder.GRAPH),
          ModelText.open(folder, graph.vocabulary()));
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Tokenizer tokenizer() {
    return text.tokenizer();
  }

  @Override
  public int contextLength() {
    return text.contextLength();
  }

  @Override
  public int[] prompt(List<Turn> turns) {
    return text.prompt(turns);
  }

  @Override
  public long leastTokens(List<Turn> turns) {
    return text.leastTokens(turns);
  }

  @Override
  public int[] rawPrompt(String raw) {
    return text.rawPrompt(raw);
  }

  @Override
  public String tokensSha256() {
    return text.sha256();
  }

  @Override
  public int hiddenWidth() {
    return graph.hidden();
  }

  /** Whether {@link #outputEmbeddings} tells them; without reading them. */
  public boolean tellsOutputEmbeddings() {
    return OutputEmbeddings.arePresent(file, graph.vocabulary());
  }

  @Override
  public Optional<float[][]> outputEmbeddings() {
    return OutputEmbeddings.read(file, graph.vocabulary());
  }

  @Override
  public DecodeSession open() {
    return new OnnxDecodeSession(runtime.environment(), graph, contextLength());
  }

  @Override
  public void close() {
    graph.close();
    text.close();
  }
}
