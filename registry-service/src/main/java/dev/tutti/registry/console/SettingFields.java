package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.api.MethodList.Setting;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Field.Input;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Settings as fields of a form, made of what a method or its fit tells of them. */
final class SettingFields {

  /** Before the name of a setting, as the REST tells where one is wrong. */
  static final String SETTING = "settings.";

  private SettingFields() {}

  /**
   * Puts what was typed into a document; nothing where all are left out.
   *
   * @param typed tells by a field's name what is in it; null for nothing
   */
  static void document(List<Setting> settings, UnaryOperator<String> typed, ObjectNode document) {
    ObjectNode its = document.objectNode();
    settings.forEach(setting -> set(its, setting, typed.apply(SETTING + setting.name())));
    if (!its.isEmpty()) {
      document.set("settings", its);
    }
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

  /**
   * A field each.
   *
   * @param before what is before {@code settings.} in their names
   * @param typed tells by a field's name what is in it
   * @param problem for which the form was refused; null for none
   */
  static List<Field> fields(
      String before, List<Setting> settings, UnaryOperator<String> typed, Problem problem) {
    var fields = new Fields(typed, problem);
    for (Setting setting : settings) {
      String name = before + SETTING + setting.name();
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
            Shown.sentence(setting.help()),
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

  /** A setting as its field shows it; null for none. */
  static String typed(JsonNode value) {
    if (value == null || value.isNull()) {
      return null;
    }
    return value.isArray()
        ? TypedText.shown(value.valueStream().map(JsonNode::asText).toList())
        : value.isTextual() ? TypedText.shown(value.asText()) : value.asText();
  }
}
