package dev.tutti.decoder.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A language model in a {@link ModelFolder}, run by ONNX Runtime. */
public final class OnnxLanguageModel implements LanguageModel {

  private final String name;
  private final OnnxRuntime runtime;
  private final DecoderGraph graph;
  private final Path file;
  private final HuggingFaceVocabulary vocabulary;
  private final ChatTemplate template;
  private final int contextLength;
  private final int begin;

  private OnnxLanguageModel(
      String name,
      OnnxRuntime runtime,
      DecoderGraph graph,
      Path file,
      HuggingFaceVocabulary vocabulary,
      ChatTemplate template,
      int contextLength,
      int begin) {
    this.name = name;
    this.runtime = runtime;
    this.graph = graph;
    this.file = file;
    this.vocabulary = vocabulary;
    this.template = template;
    this.contextLength = contextLength;
    this.begin = begin;
  }

  /**
   * Loads a model.
   *
   * @param name in the registry
   * @throws ModelLoadException when a file is missing or corrupt, or two contradict each other
   */
  public static OnnxLanguageModel load(String name, OnnxRuntime runtime, ModelFolder folder) {
    JsonNode config = folder.json(ModelFolder.CONFIG);
    JsonNode tokenizerConfig = folder.json(ModelFolder.TOKENIZER_CONFIG);
    int context = contextLength(config, tokenizerConfig);
    ChatTemplate template = ChatTemplate.of(folder);
    DecoderGraph graph = DecoderGraph.open(runtime, folder);
    try {
      int stated = config.path("vocab_size").asInt(graph.vocabulary());
      if (stated != graph.vocabulary()) {
        throw new ModelLoadException(
            "config.json contradicts model.onnx: vocab_size is %d, the graph has %d logits."
                .formatted(stated, graph.vocabulary()));
      }
      SpecialTokens specials = SpecialTokens.of(folder);
      var vocabulary = HuggingFaceVocabulary.open(folder, graph.vocabulary(), specials.ends());
      return new OnnxLanguageModel(
          name,
          runtime,
          graph,
          folder.file(ModelFolder.GRAPH),
          vocabulary,
          template,
          context,
          specials.begin());
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  private static int contextLength(JsonNode config, JsonNode tokenizerConfig) {
    for (String key : List.of("max_position_embeddings", "n_positions", "n_ctx")) {
      if (config.path(key).asInt() > 0) {
        return config.path(key).asInt();
      }
    }
    double longest = tokenizerConfig.path("model_max_length").asDouble();
    if (longest >= 1 && longest <= Integer.MAX_VALUE) {
      return (int) longest;
    }
    throw new ModelLoadException("config.json does not say max_position_embeddings.");
  }

  /** The tokens that begin and end a text, by what the configuration files say together. */
  private record SpecialTokens(int begin, Set<Integer> ends) {

    static SpecialTokens of(ModelFolder folder) {
      JsonNode config = folder.json(ModelFolder.CONFIG);
      JsonNode tokenizerConfig = folder.json(ModelFolder.TOKENIZER_CONFIG);
      JsonNode added = folder.json(ModelFolder.TOKENIZER).path("added_tokens");
      var ends = new TreeSet<Integer>();
      addIds(config.path("eos_token_id"), ends);
      addIds(folder.json(ModelFolder.GENERATION_CONFIG).path("eos_token_id"), ends);
      int end = id(added, ChatTemplate.token(tokenizerConfig, "eos_token"));
      if (end >= 0) {
        ends.add(end);
      }
      if (ends.isEmpty()) {
        throw new ModelLoadException("config.json does not say eos_token_id.");
      }
      int begin = -1;
      if (tokenizerConfig.path("add_bos_token").asBoolean()) {
        begin = config.path("bos_token_id").asInt(-1);
        if (begin < 0) {
          begin = id(added, ChatTemplate.token(tokenizerConfig, "bos_token"));
        }
      }
      return new SpecialTokens(begin, ends);
    }

    private static void addIds(JsonNode node, Set<Integer> ids) {
      if (node.isInt()) {
        ids.add(node.asInt());
      }
      node.forEach(each -> ids.add(each.asInt(-1)));
    }

    private static int id(JsonNode added, String content) {
      for (JsonNode token : added) {
        if (!content.isEmpty() && token.path("content").asText().equals(content)) {
          return token.path("id").asInt(-1);
        }
      }
      return -1;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Tokenizer tokenizer() {
    return vocabulary;
  }

  @Override
  public int contextLength() {
    return contextLength;
  }

  /**
   * {@inheritDoc}
   *
   * <p>A template writes its special tokens itself; the begin token is put first where the
   * tokenizer's configuration asks for one and the template left it out.
   */
  @Override
  public int[] prompt(List<Turn> turns) {
    String text = template.render(turns);
    return template.exists() ? withBegin(vocabulary.encode(text)) : rawPrompt(text);
  }

  /** {@inheritDoc} The template is rendered only where the turns are too long by themselves. */
  @Override
  public long leastTokens(List<Turn> turns) {
    long bytes = turns.stream().mapToLong(turn -> TokenSpan.length(turn.content())).sum();
    return vocabulary.leastTokens(bytes) < contextLength
        ? 0
        : vocabulary.leastTokens(template.render(turns));
  }

  @Override
  public int[] rawPrompt(String text) {
    return withBegin(vocabulary.encodeWithSpecialTokens(text));
  }

  private int[] withBegin(int[] ids) {
    if (begin < 0 || (ids.length > 0 && ids[0] == begin)) {
      return ids;
    }
    var all = new int[ids.length + 1];
    all[0] = begin;
    System.arraycopy(ids, 0, all, 1, ids.length);
    return all;
  }

  /** Whether its sessions tell their last hidden state. */
  public boolean tellsHidden() {
    return graph.hidden() > 0;
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
    return new OnnxDecodeSession(runtime.environment(), graph, contextLength);
  }

  @Override
  public void close() {
    graph.close();
    vocabulary.close();
  }
}
