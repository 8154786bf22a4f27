package dev.tutti.registry.dataset;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Names;
import dev.tutti.registry.v1.CostUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an import is to do, as a job's parameters say it.
 *
 * @param dataset name of the dataset
 * @param upload id of the body
 * @param replace whether a line that contradicts what is stored replaces it; else it is refused
 * @param costUnit of the lines; empty for the dataset's own, {@code usd_per_call} for a new one
 * @param ignored keys that are left out, of queries and of outcomes
 */
public record ImportParameters(
    String dataset,
    String upload,
    boolean replace,
    Optional<CostUnit> costUnit,
    Set<String> ignored) {

  private static final Set<String> KNOWN =
      new TreeSet<>(Set.of("dataset", "upload", "on_conflict", "cost_unit", "ignore"));
  private static final int MOST_IGNORED = 32;

  /**
   * Reads a job's parameters.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}
   */
  static ImportParameters of(Struct parameters) {
    for (String name : parameters.getFieldsMap().keySet()) {
      if (!KNOWN.contains(name)) {
        throw wrong(
            name, "Unknown parameter '%s'; known: %s.".formatted(name, String.join(", ", KNOWN)));
      }
    }
    String dataset = text(parameters, "dataset");
    if (!Names.isName(dataset)) {
      throw wrong("dataset", "dataset is no name of a dataset.");
    }
    String upload = text(parameters, "upload");
    if (upload.isEmpty()) {
      throw wrong("upload", "upload is required: the id of a body that the registry keeps.");
    }
    return new ImportParameters(
        dataset,
        upload,
        replace(text(parameters, "on_conflict")),
        costUnit(text(parameters, "cost_unit")),
        ignored(texts(parameters, "ignore")));
  }

  /** As a job's parameters. */
  Struct struct() {
    Struct.Builder struct =
        Struct.newBuilder()
            .putFields("dataset", value(dataset))
            .putFields("upload", value(upload))
            .putFields("on_conflict", value(replace ? "replace" : "refuse"));
    costUnit.ifPresent(unit -> struct.putFields("cost_unit", value(ContractEnums.word(unit))));
    if (!ignored.isEmpty()) {
      ListValue.Builder list = ListValue.newBuilder();
      ignored.forEach(key -> list.addValues(value(key)));
      struct.putFields("ignore", Value.newBuilder().setListValue(list).build());
    }
    return struct.build();
  }

  /** Reads {@code on_conflict}; empty for the usual. */
  static boolean replace(String text) {
    return switch (text) {
      case "", "refuse" -> false;
      case "replace" -> true;
      default ->
          throw wrong(
              "on_conflict", "on_conflict is '%s'; it must be refuse or replace.".formatted(text));
    };
  }

  /** Reads {@code cost_unit}; empty for none. */
  static Optional<CostUnit> costUnit(String text) {
    Map<String, CostUnit> words = ContractEnums.words(CostUnit.class);
    if (!text.isEmpty() && !words.containsKey(text)) {
      throw wrong(
          "cost_unit",
          "cost_unit is '%s'; it must be one of %s."
              .formatted(text, String.join(", ", words.keySet())));
    }
    return Optional.ofNullable(words.get(text));
  }

  /** Holds the ignored keys against those that cannot be. */
  static Set<String> ignored(Set<String> keys) {
    for (String key : keys) {
      if (key.isBlank() || LineParser.REQUIRED.contains(key)) {
        throw wrong("ignore", "ignore holds '%s', which cannot be left out.".formatted(key));
      }
    }
    if (keys.size() > MOST_IGNORED) {
      throw wrong("ignore", "ignore holds more than %d keys.".formatted(MOST_IGNORED));
    }
    return keys;
  }

  private static RuntimeException wrong(String name, String message) {
    return Failure.invalid("parameters." + name, message);
  }

  private static String text(Struct parameters, String name) {
    Value value = parameters.getFieldsOrDefault(name, value(""));
    if (!value.hasStringValue()) {
      throw wrong(name, "%s must be text.".formatted(name));
    }
    return value.getStringValue();
  }

  private static Set<String> texts(Struct parameters, String name) {
    if (!parameters.containsFields(name)) {
      return Set.of();
    }
    Value list = parameters.getFieldsOrThrow(name);
    if (!list.hasListValue()
        || !list.getListValue().getValuesList().stream().allMatch(Value::hasStringValue)) {
      throw wrong(name, "%s must be a list of texts.".formatted(name));
    }
    var texts = new TreeSet<String>();
    list.getListValue().getValuesList().forEach(text -> texts.add(text.getStringValue()));
    return texts;
  }

  private static Value value(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
