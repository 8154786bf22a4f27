package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.MemberRow.Typed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The members in the form of an ensemble: first those that it has, in order, then candidates. */
final class MemberRows {

  /** Beyond it a form is not ours. */
  private static final int MOST = 400;

  private MemberRows() {}

  /** The members, in order. */
  static List<Typed> chosen(UnaryOperator<String> typed) {
    var rows = new ArrayList<Typed>();
    for (int i = 0; i < MOST; i++) {
      Typed row = row(typed, i);
      if (row.in() && row.ref().contains(":")) {
        rows.add(row);
      }
    }
    // Those without a place come last; the order is stable.
    rows.sort(Comparator.comparingDouble(row -> place(row.place())));
    return rows;
  }

  /** The members as the REST takes them. */
  static ArrayNode document(List<Typed> chosen, ArrayNode members) {
    for (Typed row : chosen) {
      ObjectNode member = members.addObject();
      member.put(row.kind(), row.name());
      Documents.number(member, "weight", blank(row.weight()));
      Documents.text(member, "as", blank(row.as()));
      Documents.text(member, "role", blank(row.role()));
      ObjectNode sampling = member.objectNode();
      Documents.number(sampling, "temperature", blank(row.temperature()));
      Documents.number(sampling, "top_p", blank(row.topP()));
      Documents.number(sampling, "n", blank(row.n()));
      if (!sampling.isEmpty()) {
        member.set("sampling", sampling);
      }
    }
    return members;
  }

  /**
   * The rows of the form.
   *
   * @param find tells what a member is; null where nothing is called so
   * @param candidates what could become one
   */
  static List<MemberRow> rows(
      List<Typed> chosen,
      Function<Typed, Entry> find,
      List<Entry> candidates,
      Method method,
      Problem problem) {
    var rows = new ArrayList<MemberRow>();
    for (Typed typed : chosen) {
      int number = rows.size();
      rows.add(
          MemberRow.of(
              number, placed(typed, number), find.apply(typed), method, error(problem, number)));
    }
    var refs = chosen.stream().map(Typed::ref).collect(Collectors.toSet());
    for (Entry entry : candidates) {
      Typed typed = Typed.candidate(entry);
      if (!refs.contains(typed.ref())) {
        rows.add(MemberRow.of(rows.size(), typed, entry, method, null));
      }
    }
    return rows;
  }

  /** What a field says of a registered ensemble's members. */
  static String typed(Ensemble ensemble, String field, int number) {
    if (number < 0 || number >= ensemble.members().size()) {
      return "";
    }
    Ensemble.Member member = ensemble.members().get(number);
    Ensemble.Sampling sampling = member.sampling();
    Object value =
        switch (field) {
          case "ref" -> member.kind().word() + ":" + member.ref();
          case "in" -> "on";
          case "place" -> number + 1;
          case "role" -> member.role();
          case "weight" -> member.weight() == null ? null : Shown.shown(member.weight());
          case "as" -> member.as();
          case "temperature" -> sampling == null ? null : sampling.temperature();
          case "top_p" -> sampling == null ? null : sampling.topP();
          case "n" -> sampling == null ? null : sampling.n();
          default -> null;
        };
    return value == null ? "" : value.toString();
  }

  private static Typed row(UnaryOperator<String> typed, int number) {
    Function<String, String> field =
        name -> {
          String value = typed.apply(name + "-" + number);
          return value == null ? "" : value.strip();
        };
    return new Typed(
        field.apply("ref"),
        !field.apply("in").isEmpty(),
        field.apply("place"),
        field.apply("role"),
        field.apply("weight"),
        field.apply("as"),
        field.apply("temperature"),
        field.apply("top_p"),
        field.apply("n"));
  }

  private static Typed placed(Typed typed, int number) {
    return new Typed(
        typed.ref(),
        true,
        Integer.toString(number + 1),
        typed.role(),
        typed.weight(),
        typed.as(),
        typed.temperature(),
        typed.topP(),
        typed.n());
  }

  private static double place(String typed) {
    try {
      return Double.parseDouble(typed);
    } catch (NumberFormatException e) {
      return Double.POSITIVE_INFINITY;
    }
  }

  private static String error(Problem problem, int number) {
    if (problem == null || problem.errors() == null) {
      return null;
    }
    String field = "members[%d]".formatted(number);
    String its =
        problem.errors().stream()
            .filter(e -> e.field().equals(field) || e.field().startsWith(field + "."))
            .map(FieldError::detail)
            .collect(Collectors.joining(" "));
    return its.isEmpty() ? null : its;
  }

  private static String blank(String typed) {
    return typed.isEmpty() ? null : typed;
  }
}
