package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Names;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.console.Field.Input;
import java.util.List;
import java.util.Optional;

/** The form of an ensemble: which fields it has, and the document that they say. */
final class EnsembleForm {

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
    method.ifPresent(m -> SettingFields.document(m.settings(), form::text, document));
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
    if (field.startsWith(SettingFields.SETTING)) {
      String name = field.substring(SettingFields.SETTING.length());
      return ensemble.settings() == null
          ? null
          : SettingFields.typed(ensemble.settings().get(name));
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

  private static String number(Double number) {
    return number == null ? null : Shown.shown(number);
  }
}
