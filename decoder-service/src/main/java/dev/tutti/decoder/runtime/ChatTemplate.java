package dev.tutti.decoder.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.loader.ResourceNotFoundException;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.PromptException;
import dev.tutti.decoder.Turn;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A model's own form of a conversation: the Jinja {@code chat_template} of Hugging Face, rendered
 * as {@code apply_chat_template} does (blocks trimmed, a generation prompt asked for). The template
 * reaches neither files nor classes; its time, its output and the size of its values are bounded.
 */
final class ChatTemplate {

  // Jinjava renders such a loop as nothing; better refused than wrong.
  private static final Pattern FILTERED_LOOP =
      Pattern.compile("\\{%-?\\s*for\\s[^%]*\\sin\\s[^%]*\\sif\\s");
  private static final int MOST_CHARACTERS = 16 << 20;
  private static final int MOST_ELEMENTS = 1 << 16;
  private static final Duration LONGEST = Duration.ofSeconds(3);
  private static final ScopedValue<Long> DEADLINE = ScopedValue.newInstance();
  private static final Jinjava JINJAVA = jinjava();

  private final Optional<String> template;
  private final String begin;
  private final String end;

  private ChatTemplate(Optional<String> template, String begin, String end) {
    this.template = template;
    this.begin = begin;
    this.end = end;
  }

  // Nothing else looks at the time within a loop of a template.
  @SuppressWarnings("deprecation")
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
                .withMaxStringLength(MOST_CHARACTERS)
                .withMaxListSize(MOST_ELEMENTS)
                .withMaxMapSize(MOST_ELEMENTS)
                .withDisabled(Map.of(Library.TAG, Set.of("include", "import", "from", "extends")))
                .withRestrictedMethods(TemplateScope.RESTRICTED_METHODS)
                .withInterperterFactory(new TemplateScope.Factory())
                .withNodePreProcessor((_, _) -> checkTime())
                .withLegacyOverrides(modern)
                .build());
    jinjava.getGlobalContext().registerFilter(new TemplateScope.BoundedReplace(MOST_CHARACTERS));
    // The default one reads the class path.
    jinjava.setResourceLocator(
        (name, _, _) -> {
          throw new ResourceNotFoundException(name + " is out of a chat template's reach");
        });
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", ChatTemplate.class, "refuse", String.class));
    return jinjava;
  }

  /** Before each node, of loops and macros too: no template takes longer than its time. */
  private static void checkTime() {
    if (Thread.currentThread().isInterrupted() || Context.current().isCancelled()) {
      throw new CancelledException();
    }
    if (System.nanoTime() - DEADLINE.get() > 0) {
      throw new DecodeException("it takes longer than %d s".formatted(LONGEST.toSeconds()));
    }
  }

  /** What templates call {@code raise_exception}. */
  public static String refuse(String message) {
    throw new PromptException(message);
  }

  /**
   * Reads a model's template and tries it.
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
    var read = new ChatTemplate(template, token(config, "bos_token"), token(config, "eos_token"));
    var question = new Turn("user", "Hello");
    read.probe(List.of(question), false);
    read.probe(
        List.of(
            new Turn("system", "Be brief."), question, new Turn("assistant", "Hello"), question),
        true);
    return read;
  }

  private void probe(List<Turn> turns, boolean mayRefuse) {
    try {
      render(turns);
    } catch (PromptException e) {
      if (!mayRefuse) {
        throw new ModelLoadException("The chat template refuses a question: " + e.getMessage(), e);
      }
    } catch (DecodeException e) {
      throw new ModelLoadException(e.getMessage(), e);
    }
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

  /**
   * The prompt of a conversation; without a template its contents, joined by newlines.
   *
   * @throws PromptException when the template refuses the conversation
   * @throws DecodeException when the template itself is at fault
   * @throws CancelledException when the caller left
   */
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
    RenderResult result =
        ScopedValue.where(DEADLINE, System.nanoTime() + LONGEST.toNanos())
            .call(() -> JINJAVA.renderForResult(template.get(), context));
    for (TemplateError error : result.getErrors()) {
      for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
        if (cause instanceof PromptException || cause instanceof CancelledException) {
          throw (RuntimeException) cause;
        }
        if (cause instanceof DecodeException) {
          throw fault(cause.getMessage());
        }
      }
    }
    if (!result.getErrors().isEmpty()) {
      throw fault(result.getErrors().getFirst().getMessage());
    }
    return result.getOutput();
  }

  private static DecodeException fault(String message) {
    return new DecodeException("The chat template cannot be rendered: " + message);
  }
}
