package dev.tutti.registry.console;

import dev.tutti.registry.FieldError;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Field.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Collects the fields of a form, each with what was typed and what it was refused for. */
final class Fields {

  private final UnaryOperator<String> typed;
  private final List<FieldError> errors;
  private final List<Field> fields = new ArrayList<>();

  /**
   * A form without fields.
   *
   * @param typed tells by a field's name what is in it
   * @param problem for which the form was refused; null for none
   */
  Fields(UnaryOperator<String> typed, Problem problem) {
    this.typed = typed;
    this.errors = problem == null || problem.errors() == null ? List.of() : problem.errors();
  }

  Fields required(String name, String label, Input input, String help) {
    return add(name, label, input, List.of(), help, true);
  }

  Fields add(String name, String label, Input input, String help) {
    return add(name, label, input, List.of(), help, false);
  }

  Fields choice(String name, String label, Input input, Iterable<String> options, String help) {
    var all = new ArrayList<String>();
    options.forEach(all::add);
    return add(name, label, input, all, help, false);
  }

  /** A choice of which one must be made. */
  Fields required(String name, String label, Iterable<String> options, String help) {
    var all = new ArrayList<String>();
    options.forEach(all::add);
    return add(name, label, Input.CHOICE, all, help, true);
  }

  List<Field> all() {
    return List.copyOf(fields);
  }

  private Fields add(
      String name, String label, Input input, List<String> options, String help, boolean required) {
    String value = typed.apply(name);
    fields.add(
        new Field(
            name, label, input, value == null ? "" : value, options, help, required, error(name)));
    return this;
  }

  /** Of a list, what its items are refused for too. */
  private String error(String name) {
    String its =
        errors.stream()
            .filter(
                e ->
                    e.field().equals(name)
                        || e.field().startsWith(name + "[")
                        || e.field().startsWith(name + "."))
            .map(FieldError::detail)
            .collect(Collectors.joining(" "));
    return its.isEmpty() ? null : its;
  }
}
