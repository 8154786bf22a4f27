package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.api.KeyItem;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Field.Input;
import dev.tutti.registry.v1.KeyScope;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The form of a key: which fields it has, and the document that they say. */
final class KeyForm {

  private static final List<String> NUMBERS =
      List.of(
          "requests_per_minute",
          "tokens_per_minute",
          "soft_usd_per_day",
          "usd_per_day",
          "soft_usd_per_month",
          "usd_per_month");

  private KeyForm() {}

  /** What the form says. */
  static ObjectNode document(Form form, ObjectMapper json) {
    ObjectNode document = json.createObjectNode();
    Documents.text(document, "team", form.text("team"));
    Documents.text(document, "name", form.text("name"));
    Documents.list(document, "scopes", form.all("scopes"));
    Documents.list(document, "models", form.lines("models"));
    NUMBERS.forEach(f -> Documents.number(document, f, form.text(f)));
    Documents.text(document, "expires_at", form.text("expires_at"));
    return document;
  }

  /** The same for a key that is there: what is left blank is taken away. */
  static ObjectNode patch(Form form, ObjectMapper json) {
    ObjectNode document = document(form, json);
    document.remove("team");
    for (String field : List.of("name", "scopes", "models", "expires_at")) {
      takenAway(document, field);
    }
    NUMBERS.forEach(f -> takenAway(document, f));
    return document;
  }

  private static void takenAway(ObjectNode document, String field) {
    if (!document.has(field)) {
      document.putNull(field);
    }
  }

  /**
   * The fields.
   *
   * @param isNew whether its team is still to be said
   */
  static List<Field> fields(boolean isNew, UnaryOperator<String> typed, Problem problem) {
    var fields = new Fields(typed, problem);
    if (isNew) {
      fields.required("team", "Team", Input.TEXT, "Whose it is; a key stays with its team.");
    }
    return fields
        .required("name", "Name", Input.TEXT, "For people, such as what uses it; 128 characters.")
        .choice(
            "scopes",
            "Scopes",
            Input.CHECKS,
            ContractEnums.words(KeyScope.class).keySet(),
            "use: asking, and reading its team's decisions and spend. feedback: giving and reading it. admin: everything here, and what all teams have.")
        .add(
            "models",
            "Models and ensembles",
            Input.LINES,
            "Those that it may ask, by name, one a line, 256 at most; all where none is named.")
        .add(
            "requests_per_minute",
            "Requests a minute",
            Input.NUMBER,
            "Not limited where it is left out, as the following.")
        .add("tokens_per_minute", "Tokens a minute", Input.NUMBER, "Read and written.")
        .add("soft_usd_per_day", "Warn from, a day", Input.NUMBER, "US dollars, days of UTC.")
        .add("usd_per_day", "Refuse from, a day", Input.NUMBER, "US dollars, days of UTC.")
        .add("soft_usd_per_month", "Warn from, a month", Input.NUMBER, "US dollars, months of UTC.")
        .add("usd_per_month", "Refuse from, a month", Input.NUMBER, "US dollars, months of UTC.")
        .add(
            "expires_at",
            "Ends",
            Input.TEXT,
            "Such as 2027-06-30T00:00:00Z; never where it is left out.")
        .all();
  }

  /** What a field says of a key. */
  static String typed(KeyItem key, String field) {
    return switch (field) {
      case "name" -> key.name();
      case "scopes" ->
          key.scopes().stream().map(ContractEnums::word).collect(Collectors.joining("\n"));
      case "models" -> key.models() == null ? null : String.join("\n", key.models());
      case "requests_per_minute" -> number(key.requestsPerMinute());
      case "tokens_per_minute" -> number(key.tokensPerMinute());
      case "soft_usd_per_day" -> number(key.softUsdPerDay());
      case "usd_per_day" -> number(key.usdPerDay());
      case "soft_usd_per_month" -> number(key.softUsdPerMonth());
      case "usd_per_month" -> number(key.usdPerMonth());
      case "expires_at" -> key.expiresAt() == null ? null : key.expiresAt().toString();
      default -> null;
    };
  }

  private static String number(Number number) {
    return switch (number) {
      case null -> null;
      case Double its -> Shown.shown(its);
      default -> number.toString();
    };
  }
}
