package dev.tutti.decoder.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.decoder.PromptException;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a model's text and its tokens belong together, as its files say: vocabulary, chat template,
 * begin token, context length. It needs no graph, so that whoever uses a model of another machine
 * cuts text as that one does. Thread-safe.
 */
public final class ModelText implements AutoCloseable {

  private final HuggingFaceVocabulary vocabulary;
  private final ChatTemplate template;
  private final int contextLength;
  private final int begin;
  private final String sha256;

  private ModelText(
      HuggingFaceVocabulary vocabulary,
      ChatTemplate template,
      int contextLength,
      int begin,
      String sha256) {
    this.vocabulary = vocabulary;
    this.template = template;
    this.contextLength = contextLength;
    this.begin = begin;
    this.sha256 = sha256;
  }

  /**
   * Reads it.
   *
   * @param folder has the model's {@link ModelFolder#tokenFiles}
   * @param width number of logits of the graph
   * @throws ModelLoadException when a file is missing or corrupt, or does not match the graph
   */
  public static ModelText open(ModelFolder folder, int width) {
    JsonNode config = folder.json(ModelFolder.CONFIG);
    JsonNode tokenizerConfig = folder.json(ModelFolder.TOKENIZER_CONFIG);
    int context = contextLength(config, tokenizerConfig);
    ChatTemplate template = ChatTemplate.of(folder);
    int stated = config.path("vocab_size").asInt(width);
    if (stated != width) {
      throw new ModelLoadException(
          "config.json contradicts model.onnx: vocab_size is %d, the graph has %d logits."
              .formatted(stated, width));
    }
    SpecialTokens specials = SpecialTokens.of(folder);
    return new ModelText(
        HuggingFaceVocabulary.open(folder, width, specials.ends()),
        template,
        context,
        specials.begin(),
        folder.tokensSha256());
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

  /** Cuts text into tokens. */
  public Tokenizer tokenizer() {
    return vocabulary;
  }

  /** Most tokens of prompt and answer together. */
  public int contextLength() {
    return contextLength;
  }

  /** As {@link dev.tutti.decoder.LanguageModel#tokensSha256}. */
  public String sha256() {
    return sha256;
  }

  /**
   * The tokens of a conversation. A template writes its special tokens itself; the begin token is
   * put first where the tokenizer's configuration asks for one and the template left it out.
   *
   * @throws PromptException when the template refuses it
   */
  public int[] prompt(List<Turn> turns) {
    String text = template.render(turns);
    return template.exists() ? withBegin(vocabulary.encode(text)) : rawPrompt(text);
  }

  /**
   * A number of tokens that a conversation is not below; the template is rendered only where the
   * turns are too long by themselves.
   *
   * @throws PromptException as {@link #prompt}
   */
  public long leastTokens(List<Turn> turns) {
    long bytes = turns.stream().mapToLong(turn -> TokenSpan.length(turn.content())).sum();
    return vocabulary.leastTokens(bytes) < contextLength
        ? 0
        : vocabulary.leastTokens(template.render(turns));
  }

  /** The tokens of raw text, with what begins it. */
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

  @Override
  public void close() {
    vocabulary.close();
  }
}
