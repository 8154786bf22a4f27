package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.Names;
import dev.tutti.registry.api.DatasetItem;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Field.Input;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** The form of a fit: which fields it has, and the order that they say. */
final class FitForm {

  private FitForm() {}

  /** The body of the REST that the form says. */
  static ObjectNode document(Form form, Method method, ObjectMapper json) {
    ObjectNode document = json.createObjectNode();
    for (String field : List.of("artifact", "method", "dataset")) {
      Documents.text(document, field, form.text(field));
    }
    String split = form.text("split");
    Documents.text(document, "split", split == null ? null : TypedText.read(split));
    Documents.list(document, "members", form.lines("members"));
    for (String field : List.of("holdout", "quality_drop", "seed", "budget_usd")) {
      Documents.number(document, field, form.text(field));
    }
    SettingFields.document(method.fit().settings(), form::text, document);
    return document;
  }

  /**
   * What every fit says.
   *
   * @param typed tells by a field's name what is in it
   * @param datasets to choose one of; empty where there are too many
   * @param dataset the one that was chosen, whose splits and members are offered; null for none
   */
  static List<Field> fields(
      UnaryOperator<String> typed,
      Problem problem,
      Method method,
      Set<String> datasets,
      DatasetItem dataset) {
    var fields = new Fields(typed, problem);
    fields.required(
        "artifact",
        "Artifact",
        Input.TEXT,
        "What it learns becomes a new version of this artifact: %s. Ensembles of %s name it in their settings."
            .formatted(Names.RULE, method.name()));
    String learned = "What it learns from. Look at it to choose among its splits and members.";
    if (datasets.isEmpty()) {
      fields.required("dataset", "Dataset", Input.TEXT, learned);
    } else {
      fields.required("dataset", "Dataset", datasets, learned);
    }
    String split =
        "Only queries of this split, train where it is left out; \"\" stands for all of them.";
    String members =
        "Whom it learns about, %s; all of the dataset where nobody is named."
            .formatted(
                method.fit().minMembers() == method.fit().maxMembers()
                    ? method.fit().minMembers() + " of them"
                    : "%d to %d of them"
                        .formatted(method.fit().minMembers(), method.fit().maxMembers()));
    if (dataset == null) {
      fields
          .add("split", "Split", Input.TEXT, split)
          .add("members", "Members", Input.LINES, members + " One a line.");
    } else {
      fields
          .choice("split", "Split", Input.CHOICE, splits(dataset), split)
          .choice(
              "members",
              "Members",
              Input.CHECKS,
              dataset.members().stream().map(DatasetItem.Member::name).toList(),
              members);
    }
    return fields
        .add(
            "holdout",
            "Held out",
            Input.NUMBER,
            "Share of the queries that is not learned from, but measured on: 0.01 to 0.9; 0.2 where it is left out.")
        .add(
            "quality_drop",
            "Quality given up",
            Input.NUMBER,
            "Mean quality that calibrated thresholds may give up against the best member, to save cost; at least 0.")
        .add(
            "seed",
            "Seed",
            Input.NUMBER,
            "Of all chance, which queries are held out too: fits of one dataset, split and seed are measured on the same queries. A whole number.")
        .add(
            "budget_usd",
            "Budget",
            Input.NUMBER,
            "US dollars that asking members live may cost; refused where fits of the service ask nobody.")
        .all();
  }

  /** The usual one, those that there are, and all. */
  private static List<String> splits(DatasetItem dataset) {
    var splits = new TreeSet<String>();
    splits.add("");
    splits.add(TypedText.shown(""));
    dataset.slices().forEach(slice -> splits.add(TypedText.shown(slice.split())));
    return List.copyOf(splits);
  }
}
