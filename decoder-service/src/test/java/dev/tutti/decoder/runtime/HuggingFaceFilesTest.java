package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.PromptException;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.fixture.ModelFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vocabularies and chat templates as Hugging Face writes them. */
class HuggingFaceFilesTest {

  private static final List<Turn> TALK =
      List.of(
          new Turn("system", "Be brief. {{ 1 + 1 }}"),
          new Turn("user", "  hi \n"),
          new Turn("assistant", "yo"),
          new Turn("user", "12+34="));

  @TempDir Path folder;

  private HuggingFaceVocabulary vocabulary(int width, String json) {
    ModelFiles.write(folder.resolve("tokenizer.json"), json);
    return HuggingFaceVocabulary.open(new ModelFolder(folder), width, Set.of(0));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void theByteLevelAlphabetIsInverted() {
    var vocabulary =
        vocabulary(
            6,
            """
            {"version": "1.0",
             "added_tokens": [{"id": 0, "content": "<end>", "single_word": false, "lstrip": false,
               "rstrip": false, "normalized": false, "special": true}],
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
               "use_regex": true},
             "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
               "use_regex": true},
             "model": {"type": "BPE", "vocab":
               {"<end>": 0, "Ġ": 1, "Ċ": 2, "Ã": 3, "©": 4, "Ġa": 5}, "merges": []}}""");
    assertEquals(" ", text(vocabulary.bytes(1)));
    assertEquals("\n", text(vocabulary.bytes(2)));
    assertArrayEquals(new byte[] {(byte) 0xC3}, vocabulary.bytes(3));
    assertArrayEquals(new byte[] {(byte) 0xA9}, vocabulary.bytes(4));
    assertEquals(" a", text(vocabulary.bytes(5)));
    assertTrue(vocabulary.isEnd(0) && vocabulary.isSpecial(0));
    assertEquals(0, vocabulary.bytes(0).length);
    assertArrayEquals(new int[] {3, 4}, vocabulary.encode("é"));
  }

  @Test
  void sentencePieceMarksAreSpacesAndBytes() {
    var vocabulary =
        vocabulary(
            5,
            """
            {"version": "1.0",
             "added_tokens": [{"id": 0, "content": "</s>", "single_word": false, "lstrip": false,
               "rstrip": false, "normalized": false, "special": true}],
             "normalizer": null,
             "decoder": {"type": "Sequence", "decoders": [
               {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
               {"type": "ByteFallback"}, {"type": "Fuse"}]},
             "model": {"type": "BPE", "byte_fallback": true, "unk_token": null, "vocab":
               {"</s>": 0, "▁the": 1, "<0x0A>": 2, "<0xE2>": 3, "<0xZZ>": 4}, "merges": []}}""");
    assertEquals(" the", text(vocabulary.bytes(1)));
    assertEquals("\n", text(vocabulary.bytes(2)));
    assertArrayEquals(new byte[] {(byte) 0xE2}, vocabulary.bytes(3));
    assertEquals("<0xZZ>", text(vocabulary.bytes(4)));
  }

  @Test
  void nothingIsCutOff() {
    var vocabulary = vocabulary(3, characters());
    assertEquals(5_000, vocabulary.encode("ab".repeat(2_500)).length);
    assertEquals(0, vocabulary.encode("").length);
  }

  private static String characters() {
    // The end is 0 here, the letters 1 and 2.
    return """
        {"version": "1.0",
         "added_tokens": [{"id": 0, "content": "<end>", "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false, "special": true}],
         "model": {"type": "BPE", "vocab": {"<end>": 0, "a": 1, "b": 2}, "merges": []}}""";
  }

  @Test
  void paddingOfTheGraphStandsForNothing() {
    String letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+";
    // 63 letters and the end are 64 tokens; 128 logits are too many, 64 are right.
    assertThrows(
        ModelLoadException.class, () -> vocabulary(128, ModelFiles.characterTokenizer(letters)));
    assertEquals(64, vocabulary(64, ModelFiles.characterTokenizer(letters)).size());
  }

  @Test
  void wordPiecesAreRefused() {
    assertThrows(
        ModelLoadException.class,
        () ->
            vocabulary(
                3,
                characters()
                    .replace("\"model\"", "\"decoder\": {\"type\": \"WordPiece\"}, \"model\"")));
  }

  private String render(String template) {
    ModelFiles.write(folder.resolve("chat_template.jinja"), template);
    ModelFiles.write(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<s>\"}, \"eos_token\": \"</s>\"}");
    return ChatTemplate.of(new ModelFolder(folder)).render(TALK);
  }

  @Test
  void chatMl() {
    assertEquals(
        """
        <|im_start|>system
        Be brief. {{ 1 + 1 }}<|im_end|>
        <|im_start|>user
          hi\s
        <|im_end|>
        <|im_start|>assistant
        yo<|im_end|>
        <|im_start|>user
        12+34=<|im_end|>
        <|im_start|>assistant
        """,
        render(
            """
            {% for message in messages %}
            {{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}
            {%- endfor %}
            {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
            {%- endif %}"""));
  }

  @Test
  void slicesFiltersAndNamespaces() {
    assertEquals(
        "<s>[INST] <<SYS>>Be brief. {{ 1 + 1 }}<</SYS>> hi [/INST]yo</s>[INST] 12+34= [/INST]",
        render(
            "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
                + "{% set rest = messages[1:] %}{% set sys = messages[0]['content'] %}{% endif %}"
                + "{% for m in rest %}{% if m['role'] == 'user' %}{{ '[INST] ' }}"
                + "{% if loop.first %}{{ '<<SYS>>' + sys + '<</SYS>> ' }}{% endif %}"
                + "{{ m['content'] | trim + ' [/INST]' }}"
                + "{% elif m['role'] == 'assistant' %}{{ m['content'] + eos_token }}"
                + "{% endif %}{% endfor %}"));
    assertEquals("12+34=", render("{{ messages[-1]['content'] }}"));
    assertEquals("no tools", render("{% if tools is defined %}x{% else %}no tools{% endif %}"));
  }

  @Test
  void whatATemplateRefusesIsToldInItsOwnWords() {
    PromptException refusal =
        assertThrows(
            PromptException.class,
            () ->
                render(
                    "{% if messages[0].role == 'system' %}"
                        + "{{ raise_exception('No system messages, please') }}{% endif %}"));
    assertEquals("No system messages, please", refusal.getMessage());
  }

  private void assertNotLoaded(String template, String message) {
    var thrown = assertThrows(ModelLoadException.class, () -> render(template), template);
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
  }

  @Test
  void aTemplateReachesNeitherFilesNorClasses() {
    assertNotLoaded("{% include '/etc/passwd' %}", "'include' is disabled");
    assertNotLoaded("{% include 'application.properties' %}", "'include' is disabled");
    assertNotLoaded("{% import 'application.properties' as x %}", "'import' is disabled");
    assertNotLoaded("{% from 'application.properties' import x %}", "'from' is disabled");
    assertNotLoaded("{% extends 'application.properties' %}", "'extends' is disabled");
    assertNotLoaded("{{ ''.getClass().forName('java.lang.Runtime') }}", "'getClass'");
    assertNotLoaded("{{ messages.class.name }}", "'class'");
  }

  /** A thousand million rounds that write nothing. */
  @Test
  void aTemplateHasLittleTime() {
    assertNotLoaded(
        "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}"
            + "{% endfor %}{% endfor %}{% endfor %}",
        "it takes longer than 3 s");
    assertNotLoaded("{{ 'aaa'.matches('(a+)+b') }}", "'matches'");
  }

  @Test
  void aTemplateHasLittleMemory() {
    assertNotLoaded("{{ ('a'|center(300000000))|length }}", "filter 'center'");
    assertNotLoaded("{{ ('%300000000d'|format(1))|length }}", "filter 'format'");
    assertNotLoaded("{{ 'a'.repeat(300000000)|length }}", "'repeat'");
    String doubled = "{%% for i in range(40) %%}{%% set n.x = n.x %s n.x %%}{%% endfor %%}";
    assertNotLoaded("{% set n = namespace(x='abc') %}" + doubled.formatted("~"), "over limit");
    assertNotLoaded("{% set n = namespace(x=[1]) %}" + doubled.formatted("+"), "maximum size");
    String long64k = "{% set n = namespace(x='a') %}" + doubled.formatted("~").replace("40", "16");
    assertNotLoaded(long64k + "{{ n.x|replace('a', n.x)|length }}", "too long a text");
  }

  /** Jinjava itself renders the first two as nothing. */
  @Test
  void whatIsNotSupportedIsToldWhenTheModelIsLoaded() {
    assertNotLoaded("{{ 'a'|nope }}", "the filter 'nope', which is not supported");
    assertNotLoaded("{% if x is nope %}a{% endif %}", "the test 'nope', which is not supported");
    assertNotLoaded("{{ nope() }}", "'nope'");
    assertNotLoaded("{% nope %}", "nope");
    assertNotLoaded("{{ messages[0].content.startswith('a') }}", "startswith");
    // Only where an assistant spoke.
    assertNotLoaded("{% if messages|length > 1 %}{{ messages|nope }}{% endif %}", "'nope'");
    assertNotLoaded("{{ raise_exception('Never') }}", "Never");
  }

  /** No probe has six turns: the fault is the model's, not the caller's. */
  @Test
  void aFaultThatNoProbeShowsIsTheModels() {
    ModelFiles.write(
        folder.resolve("chat_template.jinja"),
        "{% if messages|length > 5 %}{{ messages|nope }}{% endif %}x");
    var template = ChatTemplate.of(new ModelFolder(folder));
    assertEquals("x", template.render(TALK));
    List<Turn> six = java.util.stream.Stream.concat(TALK.stream(), TALK.stream()).toList();
    var thrown = assertThrows(DecodeException.class, () -> template.render(six));
    assertTrue(thrown.getMessage().contains("'nope'"), thrown.getMessage());
  }

  @Test
  void filtersTestsAndMethodsOfOrdinaryTemplatesAreThere() {
    assertEquals(
        "2 system, user, assistant, userymsi [acac]",
        render(
            "{{ messages|selectattr('role', 'equalto', 'user')|list|length }}"
                + " {{ messages|map(attribute='role')|join(', ') }}"
                + "{% if 'brief' in messages[0].content %}y{% endif %}"
                + "{% if messages[0] is mapping %}m{% endif %}"
                + "{% if messages[0].content is string and x is not defined %}s{% endif %}"
                + "{% if messages is iterable %}i{% endif %}"
                + " [{{ 'abab'|replace('b', 'c') }}]"));
  }

  @Test
  void aLoopThatWouldRenderAsNothingIsRefused() {
    assertThrows(
        ModelLoadException.class,
        () -> render("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}"));
  }

  @Test
  void withoutATemplateTheContentsAreJoined() {
    assertEquals(
        "Be brief. {{ 1 + 1 }}\n  hi \n\nyo\n12+34=",
        ChatTemplate.of(new ModelFolder(folder)).render(TALK));
  }
}
