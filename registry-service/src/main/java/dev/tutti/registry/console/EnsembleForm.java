package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Names;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.MethodList.Setting;
import dev.tutti.registry.console.Field.Input;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The form of an ensemble: which fields it has, and the document that they say. */
final class EnsembleForm {

  /** Before the name of a setting, as the REST tells where one is wrong. */
  static final String SETTING = "settings.";

  private static final String REQUEST = "budget.usd_per_request";
  private static final String DAY = "budget.usd_per_day";

  private EnsembleForm() {}

  /**
   * What the form says.
   *
   * @param method tells of which types the settings are; empty where nobody has it
   */
  static ObjectNode document(Form form, Optional<Method> method, ObjectMapper json) {
    ObjectNode document = json.createObjectNode();
    for (String field : List.of("name", "method")) {
      Documents.text(document, field, form.text(field));
    }
    ObjectNode settings = json.createObjectNode();
    method.ifPresent(
        m -> m.settings().forEach(s -> set(settings, s, form.text(SETTING + s.name()))));
    if (!settings.isEmpty()) {
      document.set("settings", settings);
    }
    MemberRows.document(MemberRows.chosen(form::typed), document.putArray("members"));
    ObjectNode budget = json.createObjectNode();
    Documents.number(budget, "usd_per_request", form.text(REQUEST));
    Documents.number(budget, "usd_per_day", form.text(DAY));
    if (!budget.isEmpty()) {
      document.set("budget", budget);
    }
    Documents.number(document, "time_limit_seconds", form.text("time_limit_seconds"));
    Documents.list(document, "aliases", form.lines("aliases"));
    for (String field : List.of("unserved", "description", "lifecycle")) {
      Documents.text(document, field, form.text(field));
    }
    return document;
  }

  private static void set(ObjectNode settings, Setting setting, String typed) {
    if (typed == null) {
      return;
    }
    switch (setting.type()) {
      case SETTING_TYPE_BOOLEAN -> {
        if (typed.equals("true") || typed.equals("false")) {
          settings.put(setting.name(), typed.equals("true"));
        } else {
          settings.put(setting.name(), typed);
        }
      }
      case SETTING_TYPE_INTEGER, SETTING_TYPE_NUMBER ->
          Documents.number(settings, setting.name(), typed);
      case SETTING_TYPE_NUMBER_LIST -> {
        ArrayNode list = settings.putArray(setting.name());
        Arrays.stream(typed.equals("[]") ? new String[0] : typed.split("[\\s,]+"))
            .filter(part -> !part.isEmpty())
            .forEach(part -> list.add(Documents.number(part)));
      }
      case SETTING_TYPE_TEXT_LIST -> {
        ArrayNode list = settings.putArray(setting.name());
        TypedText.items(typed).forEach(list::add);
      }
      case SETTING_TYPE_TEXT, SETTING_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          settings.put(setting.name(), TypedText.read(typed));
      case SETTING_TYPE_CHOICE -> settings.put(setting.name(), typed);
    }
  }

  /** The fields of the settings, as the method describes them. */
  static List<Field> settings(Draft draft, Method method) {
    var fields = new Fields(draft.typed(), draft.problem());
    for (Setting setting : method.settings()) {
      String name = SETTING + setting.name();
      String help = help(setting);
      switch (setting.type()) {
        case SETTING_TYPE_BOOLEAN ->
            fields.choice(name, setting.name(), Input.CHOICE, List.of("", "true", "false"), help);
        case SETTING_TYPE_CHOICE -> {
          var options = new ArrayList<>(List.of(""));
          options.addAll(setting.allowed());
          fields.choice(name, setting.name(), Input.CHOICE, options, help);
        }
        case SETTING_TYPE_INTEGER, SETTING_TYPE_NUMBER ->
            fields.add(name, setting.name(), Input.NUMBER, help);
        case SETTING_TYPE_NUMBER_LIST, SETTING_TYPE_TEXT_LIST ->
            fields.add(name, setting.name(), Input.LINES, help);
        case SETTING_TYPE_TEXT, SETTING_TYPE_UNSPECIFIED, UNRECOGNIZED ->
            fields.add(name, setting.name(), Input.TEXT, help);
      }
    }
    return fields.all();
  }

  /** What it does, what is allowed, and what it is where it is left out. */
  private static String help(Setting setting) {
    String range =
        setting.minimum() != null && setting.maximum() != null
            ? "%s to %s".formatted(Shown.shown(setting.minimum()), Shown.shown(setting.maximum()))
            : setting.minimum() != null
                ? "%s or more".formatted(Shown.shown(setting.minimum()))
                : setting.maximum() != null
                    ? "%s or less".formatted(Shown.shown(setting.maximum()))
                    : "";
    String type =
        switch (setting.type()) {
          case SETTING_TYPE_INTEGER -> "Whole number";
          case SETTING_TYPE_NUMBER -> "Number";
          case SETTING_TYPE_NUMBER_LIST -> "Numbers";
          case SETTING_TYPE_TEXT_LIST ->
              "One a line, or [] for none; as a JSON string (\"\\n\") what has lines or blanks around it";
          case SETTING_TYPE_TEXT -> "As a JSON string (\"\\n\") what has lines or blanks around it";
          default -> "";
        };
    String allowed =
        Stream.of(type, range, setting.unit())
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    return Stream.of(
            setting.help(),
            allowed.isEmpty() ? "" : allowed + ".",
            setting.defaultValue() == null
                ? "The method decides where it is left out."
                : "%s where it is left out."
                    .formatted(
                        setting.defaultValue() instanceof String text
                            ? TypedText.shown(text)
                            : setting.defaultValue()))
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(" "));
  }

  /** What it is called, before the members. */
  static List<Field> name(Draft draft) {
    var fields = new Fields(draft.typed(), draft.problem());
    if (draft.name() == null) {
      fields.required("name", "Name", Input.TEXT, Names.RULE + ". It cannot be changed later.");
    }
    return fields.all();
  }

  /** What is said of every ensemble, whatever its method. */
  static List<Field> common(Draft draft) {
    var fields = new Fields(draft.typed(), draft.problem());
    fields
        .add(
            REQUEST,
            "Budget of a request",
            Input.NUMBER,
            "US dollars at most; no limit where it is left out.")
        .add(
            DAY,
            "Budget of a day",
            Input.NUMBER,
            "US dollars at most in any 24 hours; no limit where it is left out.")
        .add(
            "time_limit_seconds",
            "Time limit",
            Input.NUMBER,
            "Longest time of an answer, in seconds; the router's own where it is left out.")
        .choice(
            "unserved",
            "Fields that cannot be served",
            Input.CHOICE,
            List.of("", "refuse", "drop"),
            "What becomes of a request with such a field (tools, images); refused where it is left out.")
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

  /** What a field says of an ensemble. */
  static String typed(Ensemble ensemble, String field) {
    int dash = field.lastIndexOf('-');
    if (field.startsWith(SETTING)) {
      return setting(ensemble, field.substring(SETTING.length()));
    }
    if (dash > 0 && field.substring(dash + 1).matches("[0-9]{1,4}")) {
      return MemberRows.typed(
          ensemble, field.substring(0, dash), Integer.parseInt(field.substring(dash + 1)));
    }
    Ensemble.Budget budget = ensemble.budget();
    return switch (field) {
      case "method" -> ensemble.method();
      case REQUEST -> budget == null ? null : number(budget.usdPerRequest());
      case DAY -> budget == null ? null : number(budget.usdPerDay());
      case "time_limit_seconds" -> number(ensemble.timeLimitSeconds());
      case "unserved" ->
          ensemble.unserved() == null ? null : ContractEnums.word(ensemble.unserved());
      case "aliases" -> ensemble.aliases() == null ? null : String.join("\n", ensemble.aliases());
      case "description" -> ensemble.description();
      default -> null;
    };
  }

  private static String setting(Ensemble ensemble, String name) {
    var value = ensemble.settings() == null ? null : ensemble.settings().get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    return value.isArray()
        ? TypedText.shown(value.valueStream().map(JsonNode::asText).toList())
        : value.isTextual() ? TypedText.shown(value.asText()) : value.asText();
  }

  private static String number(Double number) {
    return number == null ? null : Shown.shown(number);
  }
}
