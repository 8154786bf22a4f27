package dev.tutti.decoder.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.TemplateError.ErrorType;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import dev.tutti.decoder.PromptException;
import dev.tutti.decoder.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model's own form of a conversation: the Jinja {@code chat_template} of Hugging Face, rendered
 * as {@code apply_chat_template} does (blocks trimmed, a generation prompt asked for). The template
 * reaches neither files nor classes, and its output is bounded.
 */
final class ChatTemplate {

  // Jinjava renders such a loop as nothing; better refused than wrong.
  private static final Pattern FILTERED_LOOP =
      Pattern.compile("\\{%-?\\s*for\\s[^%]*\\sin\\s[^%]*\\sif\\s");
  private static final int MOST_CHARACTERS = 16 << 20;
  private static final Jinjava JINJAVA = jinjava();

  private final Optional<String> template;
  private final String begin;
  private final String end;

  private ChatTemplate(Optional<String> template, String begin, String end) {
    this.template = template;
    this.begin = begin;
    this.end = end;
  }

  private static Jinjava jinjava() {
    var modern =
        LegacyOverrides.newBuilder()
            .withEvaluateMapKeys(true)
            .withIterateOverMapKeys(true)
            .withUsePyishObjectMapper(true)
            .withUseNaturalOperatorPrecedence(true)
            .withUseTrimmingForNotesAndExpressions(true)
            .withKeepNullableLoopValues(true)
            .build();
    var jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withKeepTrailingNewline(true)
                // What the user wrote is never a template.
                .withNestedInterpretationEnabled(false)
                .withMaxRenderDepth(10)
                .withMaxOutputSize(MOST_CHARACTERS)
                .withLegacyOverrides(modern)
                .build());
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", ChatTemplate.class, "refuse", String.class));
    return jinjava;
  }

  /** What templates call {@code raise_exception}. */
  public static String refuse(String message) {
    throw new PromptException(message);
  }

  /**
   * Reads a model's template.
   *
   * @throws ModelLoadException when it uses what cannot be rendered here
   */
  static ChatTemplate of(ModelFolder folder) {
    JsonNode config = folder.json(ModelFolder.TOKENIZER_CONFIG);
    Optional<String> template = template(folder, config);
    if (template.isPresent() && FILTERED_LOOP.matcher(template.get()).find()) {
      throw new ModelLoadException(
          "The chat template uses 'for .. in .. if ..', which is not supported.");
    }
    return new ChatTemplate(template, token(config, "bos_token"), token(config, "eos_token"));
  }

  private static Optional<String> template(ModelFolder folder, JsonNode config) {
    var file = folder.file(ModelFolder.CHAT_TEMPLATE);
    if (Files.isRegularFile(file)) {
      try {
        return Optional.of(Files.readString(file));
      } catch (IOException e) {
        throw new ModelLoadException(ModelFolder.CHAT_TEMPLATE + " cannot be read.", e);
      }
    }
    JsonNode template = config.path("chat_template");
    if (template.isArray()) {
      for (JsonNode named : template) {
        if (named.path("name").asText().equals("default")) {
          template = named.path("template");
          break;
        }
      }
    }
    return template.isTextual() ? Optional.of(template.asText()) : Optional.empty();
  }

  /** Special tokens are strings, or objects that hold one. */
  static String token(JsonNode config, String name) {
    JsonNode token = config.path(name);
    return token.isObject() ? token.path("content").asText("") : token.asText("");
  }

  /** Whether the model has one. */
  boolean exists() {
    return template.isPresent();
  }

  /** The prompt of a conversation; without a template its contents, joined by newlines. */
  String render(List<Turn> turns) {
    if (template.isEmpty()) {
      return String.join("\n", turns.stream().map(Turn::content).toList());
    }
    var messages =
        turns.stream().map(t -> Map.of("role", t.role(), "content", t.content())).toList();
    var context = new HashMap<String, Object>();
    context.put("messages", messages);
    context.put("add_generation_prompt", true);
    context.put("bos_token", begin);
    context.put("eos_token", end);
    RenderResult result = JINJAVA.renderForResult(template.get(), context);
    for (TemplateError error : result.getErrors()) {
      for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
        if (cause instanceof PromptException refusal) {
          throw refusal;
        }
      }
      if (error.getSeverity() == ErrorType.FATAL) {
        throw new PromptException(
            "The model's chat template cannot be rendered: " + error.getMessage());
      }
    }
    return result.getOutput();
  }
}
