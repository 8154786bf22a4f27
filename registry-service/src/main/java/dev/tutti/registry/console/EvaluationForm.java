package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Field.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The form of an evaluation: which fields it has, and the order that they say. */
final class EvaluationForm {

  /** Kinds of policies, as the REST calls them. */
  static final List<String> POLICIES = List.of("member", "weights", "uniform", "shadow", "fitted");

  private static final String MEMBER = "policy.member";
  private static final String WEIGHTS = "policy.weights";
  private static final String SHADOW = "policy.shadow.";
  private static final String FITTED = "policy.fitted.";

  private EvaluationForm() {}

  /**
   * The body of the REST that the form says.
   *
   * @param method that is fitted, where the policy is one
   */
  static ObjectNode document(Form form, Optional<Method> method, ObjectMapper json) {
    ObjectNode document = json.createObjectNode();
    Documents.text(document, "ensemble", form.text("ensemble"));
    ObjectNode policy = document.putObject("policy");
    switch (Asked.shown(form.text("policy"))) {
      case "weights" -> {
        ObjectNode weights = policy.putObject("weights");
        for (String line : form.lines(WEIGHTS)) {
          int blank = line.lastIndexOf(' ');
          Documents.number(
              weights,
              blank < 0 ? line : line.substring(0, blank).strip(),
              blank < 0 ? "1" : line.substring(blank + 1));
        }
      }
      case "uniform" -> policy.put("uniform", true);
      case "shadow" -> {
        ObjectNode shadow = policy.putObject("shadow");
        Documents.text(shadow, "artifact", form.text(SHADOW + "artifact"));
        Documents.number(shadow, "version", form.text(SHADOW + "version"));
      }
      case "fitted" -> {
        ObjectNode fitted = policy.putObject("fitted");
        Documents.text(fitted, "method", form.text(FITTED + "method"));
        fitted.putObject("settings");
        method.ifPresent(
            m -> SettingFields.document(m.settings(), name -> form.text(FITTED + name), fitted));
        Documents.number(fitted, "version", form.text(FITTED + "version"));
      }
      default -> Documents.text(policy, "member", form.text(MEMBER));
    }
    Documents.text(document, "from", form.text("from"));
    Documents.text(document, "to", form.text("to"));
    Documents.number(document, "usd_weight", form.text("usd_weight"));
    return document;
  }

  /**
   * Its fields.
   *
   * @param typed tells by a field's name what is in it
   * @param policy one of {@link #POLICIES}
   * @param ensembles to choose one of; empty where there are too many
   * @param ensemble the one that was chosen; empty for none
   * @param methods that can be fitted
   * @param method the one that was chosen; empty for none
   */
  static List<Field> fields(
      UnaryOperator<String> typed,
      Problem problem,
      String policy,
      Set<String> ensembles,
      Optional<Ensemble> ensemble,
      List<Method> methods,
      Optional<Method> method) {
    var fields = new Fields(typed, problem);
    String decided = "Whose rated decisions are looked at. Look at it to choose among its members.";
    if (ensembles.isEmpty()) {
      fields.required("ensemble", "Ensemble", Input.TEXT, decided);
    } else {
      fields.required("ensemble", "Ensemble", ensembles, decided);
    }
    switch (policy) {
      case "weights" ->
          fields.add(
              WEIGHTS,
              "Weights",
              Input.LINES,
              "A member and its weight a line, with a blank between; 1 where there is no weight.%s"
                  .formatted(ensemble.map(e -> " Members: %s.".formatted(named(e))).orElse("")));
      case "uniform" -> {
        // It is said with its name.
      }
      case "shadow" ->
          fields
              .required(
                  SHADOW + "artifact", "Artifact", Input.TEXT, "Of which a version was in shadow.")
              .required(SHADOW + "version", "Version", Input.NUMBER, "From 1 on.");
      case "fitted" -> {
        var names = new ArrayList<>(List.of(""));
        methods.forEach(m -> names.add(m.name()));
        fields
            .required(
                FITTED + "method",
                "Method",
                names,
                "That would have decided. Look at it for its settings.")
            .add(
                FITTED + "version",
                "Version",
                Input.NUMBER,
                "Of the artifact that the settings name; the active one where it is left out.");
      }
      default -> member(fields, ensemble);
    }
    var all = new ArrayList<>(fields.all());
    method.ifPresent(m -> all.addAll(SettingFields.fields(FITTED, m.settings(), typed, problem)));
    all.addAll(
        new Fields(typed, problem)
            .add(
                "from",
                "From",
                Input.TEXT,
                "The first moment that counts, such as 2026-11-26T00:00:00Z; 30 days before the end where it is left out.")
            .add("to", "To", Input.TEXT, "The first that does not; now where it is left out.")
            .add(
                "usd_weight",
                "Worth of a US dollar",
                Input.NUMBER,
                "An answer earns its quality less this times what it cost; 0 where it is left out.")
            .all());
    return List.copyOf(all);
  }

  private static void member(Fields fields, Optional<Ensemble> ensemble) {
    String help = "Who would always have been asked.";
    if (ensemble.isEmpty()) {
      fields.required(MEMBER, "Member", Input.TEXT, help);
      return;
    }
    var names = new ArrayList<>(List.of(""));
    ensemble.get().members().forEach(m -> names.add(m.ref()));
    fields.required(MEMBER, "Member", names, help);
  }

  private static String named(Ensemble ensemble) {
    return String.join(", ", ensemble.members().stream().map(Ensemble.Member::ref).toList());
  }
}
