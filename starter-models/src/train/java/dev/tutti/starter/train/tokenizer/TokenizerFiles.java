package dev.tutti.starter.train.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A vocabulary in the formats of Hugging Face. */
public final class TokenizerFiles {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** The prompt of a starter model is what the user said last, and nothing else. */
  public static final String CHAT_TEMPLATE = "{{ messages[-1]['content'] }}";

  private TokenizerFiles() {}

  /**
   * {@code tokenizer.json}: byte-level BPE; the post-processor puts the begin token first where
   * special tokens are asked for.
   */
  public static ObjectNode tokenizer(BpeVocabulary vocabulary) {
    ObjectNode root = JSON.objectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < BpeVocabulary.SPECIALS.size(); id++) {
      ObjectNode token = added.addObject();
      token.put("id", id).put("content", BpeVocabulary.SPECIALS.get(id));
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", false).put("special", true);
    }
    root.putNull("normalizer");
    root.set("pre_tokenizer", byteLevel());
    root.set("post_processor", beginFirst());
    root.set("decoder", byteLevel());
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocab = model.putObject("vocab");
    List<String> tokens = vocabulary.tokens();
    for (int id = 0; id < tokens.size(); id++) {
      vocab.put(tokens.get(id), id);
    }
    ArrayNode merges = model.putArray("merges");
    vocabulary.merges().forEach(merge -> merges.add(merge.left() + " " + merge.right()));
    return root;
  }

  /** {@code tokenizer_config.json}: special tokens, the chat template, the longest input. */
  public static ObjectNode configuration(int maxTokens) {
    ObjectNode root = JSON.objectNode();
    root.put("tokenizer_class", "PreTrainedTokenizerFast");
    root.put("pad_token", BpeVocabulary.SPECIALS.get(BpeVocabulary.PAD));
    root.put("bos_token", BpeVocabulary.SPECIALS.get(BpeVocabulary.BOS));
    root.put("eos_token", BpeVocabulary.SPECIALS.get(BpeVocabulary.EOS));
    root.put("add_bos_token", true).put("add_eos_token", false);
    root.put("clean_up_tokenization_spaces", false);
    root.put("model_max_length", maxTokens);
    root.put("chat_template", CHAT_TEMPLATE);
    return root;
  }

  private static ObjectNode byteLevel() {
    ObjectNode node = JSON.objectNode();
    node.put("type", "ByteLevel").put("add_prefix_space", false);
    return node.put("trim_offsets", false).put("use_regex", true);
  }

  private static ObjectNode beginFirst() {
    String bos = BpeVocabulary.SPECIALS.get(BpeVocabulary.BOS);
    ObjectNode node = JSON.objectNode();
    node.put("type", "TemplateProcessing");
    ArrayNode single = node.putArray("single");
    special(single, bos, 0);
    sequence(single, "A", 0);
    ArrayNode pair = node.putArray("pair");
    special(pair, bos, 0);
    sequence(pair, "A", 0);
    special(pair, bos, 1);
    sequence(pair, "B", 1);
    ObjectNode token = node.putObject("special_tokens").putObject(bos);
    token.put("id", bos).putArray("ids").add(BpeVocabulary.BOS);
    token.putArray("tokens").add(bos);
    return node;
  }

  private static void special(ArrayNode template, String token, int type) {
    template.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
  }

  private static void sequence(ArrayNode template, String name, int type) {
    template.addObject().putObject("Sequence").put("id", name).put("type_id", type);
  }
}
