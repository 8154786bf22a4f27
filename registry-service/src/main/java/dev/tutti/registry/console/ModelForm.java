package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Model;
import dev.tutti.registry.Names;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Field.Input;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The form of a model: which fields it has, and the document that they say. */
final class ModelForm {

  private static final List<String> TEXTS =
      List.of(
          "name", "runtime", "location", "decoder", "remote_model", "credential", "description");
  private static final List<String> NUMBERS =
      List.of(
          "context_length",
          "parameters",
          "usd_per_million_prompt_tokens",
          "usd_per_million_completion_tokens",
          "usd_per_million_cached_prompt_tokens");
  private static final String ENDPOINT = ContractEnums.word(Runtime.RUNTIME_OPENAI);

  private ModelForm() {}

  /** Whether the form is that of a model behind endpoints. */
  static boolean isEndpoint(UnaryOperator<String> typed) {
    return ENDPOINT.equals(typed.apply("runtime"));
  }

  /** What the form says. */
  static ObjectNode document(Form form, ObjectMapper json) {
    ObjectNode document = json.createObjectNode();
    TEXTS.forEach(f -> Documents.text(document, f, form.text(f)));
    NUMBERS.forEach(f -> Documents.number(document, f, form.text(f)));
    Documents.list(document, "aliases", form.lines("aliases"));
    Documents.list(document, "endpoints", form.lines("endpoints"));
    Documents.list(document, "capabilities", form.all("capabilities"));
    Documents.text(document, "lifecycle", form.text("lifecycle"));
    return document;
  }

  /** The fields. */
  static List<Field> fields(Draft draft) {
    UnaryOperator<String> typed = draft.typed();
    Problem problem = draft.problem();
    var fields = new Fields(typed, problem);
    if (draft.name() == null) {
      fields.required("name", "Name", Input.TEXT, Names.RULE + ". It cannot be changed later.");
    }
    if (isEndpoint(typed)) {
      fields
          .required(
              "endpoints",
              "Endpoints",
              Input.LINES,
              "Base URLs with OpenAI's wire format, 1 to 8, one a line, such as https://api.example.com/v1.")
          .add(
              "remote_model",
              "Name at the endpoints",
              Input.TEXT,
              "The model's own name where it is left out.")
          .add(
              "credential",
              "Credential",
              Input.TEXT,
              "Where the decoder finds the key, never the key itself: env:NAME, file:PATH or secret:NAME/KEY.");
    } else {
      fields
          .required(
              "location",
              "Folder",
              Input.TEXT,
              "Below the decoder's models folder, with an ONNX model.")
          .add(
              "decoder",
              "Decoder",
              Input.TEXT,
              "The decoder that holds the files; whichever is asked where it is left out.");
    }
    fields
        .required(
            "usd_per_million_prompt_tokens",
            "Price of tokens read",
            Input.NUMBER,
            "US dollars a million; 0 means free.")
        .required(
            "usd_per_million_completion_tokens",
            "Price of tokens written",
            Input.NUMBER,
            "US dollars a million; 0 means free.");
    if (isEndpoint(typed)) {
      fields.add(
          "usd_per_million_cached_prompt_tokens",
          "Price of tokens from the endpoint's cache",
          Input.NUMBER,
          "US dollars a million; as other tokens read where it is left out.");
    }
    fields
        .add(
            "context_length",
            "Context length",
            Input.NUMBER,
            "Longest prompt plus completion, in tokens. The model's own where it is left out; less limits it.")
        .add("parameters", "Parameters", Input.NUMBER, "The model's own where it is left out.")
        .choice(
            "capabilities",
            "Capabilities",
            Input.CHECKS,
            ContractEnums.words(Capability.class).keySet(),
            "What it may be used for. All that the model can where none is ticked.")
        .add(
            "aliases",
            "Aliases",
            Input.LINES,
            "Other names of the same thing, 16 at most, one a line.")
        .add("description", "Description", Input.LINES, "For people, 2,000 characters at most.");
    if (draft.name() == null) {
      fields.choice(
          "lifecycle",
          "Begins as",
          Input.CHOICE,
          List.of("draft", "active"),
          "Drafts are not served.");
    }
    return fields.all();
  }

  /** What a field says of a model. */
  static String typed(Model model, String field) {
    return switch (field) {
      case "runtime" -> ContractEnums.word(model.runtime());
      case "location" -> model.location();
      case "decoder" -> model.decoder();
      case "endpoints" -> lines(model.endpoints(), Function.identity());
      case "remote_model" -> model.remoteModel();
      case "credential" -> model.credential();
      case "usd_per_million_prompt_tokens" -> number(model.usdPerMillionPromptTokens());
      case "usd_per_million_completion_tokens" -> number(model.usdPerMillionCompletionTokens());
      case "usd_per_million_cached_prompt_tokens" ->
          number(model.usdPerMillionCachedPromptTokens());
      case "context_length" -> model.contextLength() == null ? null : "" + model.contextLength();
      case "parameters" -> model.parameters() == null ? null : "" + model.parameters();
      case "capabilities" -> lines(model.capabilities(), ContractEnums::word);
      case "aliases" -> lines(model.aliases(), Function.identity());
      case "description" -> model.description();
      default -> null;
    };
  }

  private static String number(Double number) {
    return number == null ? null : Shown.shown(number);
  }

  private static <T> String lines(List<T> values, Function<T, String> word) {
    return values == null ? null : values.stream().map(word).collect(Collectors.joining("\n"));
  }
}
