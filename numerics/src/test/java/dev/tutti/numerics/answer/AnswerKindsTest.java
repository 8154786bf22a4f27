package dev.tutti.numerics.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dates, quantities, literals, JSON, calls of tools, queries and code in one spelling. */
class AnswerKindsTest {

  private static final List<AnswerForm> KINDS =
      List.of(
          AnswerForm.DATE,
          AnswerForm.QUANTITY,
          AnswerForm.LITERAL,
          AnswerForm.JSON,
          AnswerForm.TOOL_CALL,
          AnswerForm.SQL,
          AnswerForm.CODE);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2024-04-03                              | 2024-04-03
          2024/4/3                                | 2024-04-03
          3 April 2024                            | 2024-04-03
          the 3rd of April, 2024                  | 2024-04-03
          April 3rd, 2024.                        | 2024-04-03
          Apr. 3, 2024                            | 2024-04-03
          Wednesday, 3 April 2024, 10:15          | 2024-04-03
          2024-04-03T10:15:00Z                    | 2024-04-03
          3.4.2024                                | 2024-04-03
          13/04/2024                              | 2024-04-13
          04/13/2024                              | 2024-04-13
          4/4/2024                                | 2024-04-04
          03/04/2024                              | 3/4/2024
          3-4-2024                                | 3/4/2024
          04/03/2024                              | 4/3/2024
          May 2024                                | 2024-05
          It began on 1 May 2023. The answer is 3 April 2024, I think. | 2024-04-03
          from 2020-01-01 to 2024-04-03           | 2024-04-03
          29.2.2024                               | 2024-02-29
          """)
  void aDateHasOneSpelling(String text, String date) {
    assertEquals(Optional.of(date), AnswerForm.DATE.canonical(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "30 February 2024",
        "29.2.2023",
        "13/13/2024",
        "3/4/24",
        "0/4/2024",
        "2024",
        "1.2.3"
      })
  void whatIsNoDateIsNone(String text) {
    assertEquals(Optional.empty(), AnswerForm.DATE.canonical(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1.5 km                        | 1500 m
          1,500 metres                  | 1500 m
          1500m                         | 1500 m
          12 inches                     | 0.3048 m
          90 minutes                    | 5400 s
          1.5 hours                     | 5400 s
          2 kg                          | 2000 g
          36 km/h                       | 10 m/s
          1 km per hour                 | 5/18 m/s
          60 mph                        | 26.8224 m/s
          0 °C                          | 273.15 K
          32 °F                         | 273.15 K
          -40 °C                        | 233.15 K
          5 mW                          | 0.005 W
          5 MW                          | 5000000 W
          2 KiB                         | 2048 B
          $1,234.50                     | 1234.5 USD
          1234.5 dollars                | 1234.5 USD
          $2 million                    | 2000000 USD
          50 %                          | 50 %
          3 Apples                      | 3 apples
          7                             | 7
          The answer is 5 km because I ran | 5000 m
          14 because it is              | 14
          1/2 hour                      | 1800 s
          first 3 m, then 4 m           | 4 m
          """)
  void aQuantityHasOneUnit(String text, String quantity) {
    assertEquals(Optional.of(quantity), AnswerForm.QUANTITY.canonical(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [1, 2.0, +3]                  | [1,2,3]
          ['a', "B!"]                   | ["a","B!"]
          (1, 2)                        | (1,2)
          (1,)                          | (1,)
          (1)                           | 1
          {3, 1, 2, 1}                  | {1,2,3}
          {'b': None, 'a': [True]}      | {"a":[true],"b":null}
          {"a": [true], "b": null}      | {"a":[true],"b":null}
          {1: 'x', 1: 'y'}              | {1:"y"}
          []                            | []
          {}                            | {}
          ()                            | ()
          True                          | true
          None                          | null
          NaN                           | NaN
          1e3                           | 1000
          1e999999                      | 1E+999999
          .5                            | 0.5
          'it\\'s'                      | "it's"
          "\\u00e9\\x41"                | "éA"
          'Hello, World!'               | "Hello, World!"
          Hello, World!                 | "Hello, World!"
          The answer is [1, 2].         | [1,2]
          Answer: `{'a': 1}`            | {"a":1}
          I get ['x', 'y'] here         | ["x","y"]
          so x[0] = 5                   | "so x[0] = 5"
          [1, 2,]                       | [1,2]
          """)
  void aLiteralHasOneSpelling(String text, String literal) {
    assertEquals(Optional.of(literal), AnswerForm.LITERAL.canonical(text.strip()));
  }

  @Test
  void whatIsDifferentIsDifferent() {
    List<List<String>> different =
        List.of(
            List.of("[1, 2]", "[2, 1]", "(1, 2)", "['1', '2']", "[[1, 2]]", "{1, 2}"),
            List.of("'a'", "'A'", "'a '", "'a.'"),
            List.of("True", "1", "'True'"),
            List.of("{'a': 1}", "{'a': 2}", "{'b': 1}", "{'a': 1, 'b': 1}", "{}"));
    for (List<String> each : different) {
      assertEquals(
          each.size(),
          each.stream().map(AnswerForm.LITERAL::canonical).distinct().count(),
          each::toString);
    }
    assertNotEquals(
        AnswerForm.DATE.canonical("03/04/2024"), AnswerForm.DATE.canonical("04/03/2024"));
    assertNotEquals(AnswerForm.QUANTITY.canonical("5 m"), AnswerForm.QUANTITY.canonical("5 g"));
    assertNotEquals(
        AnswerForm.CODE.canonical("a = 7 // 2"), AnswerForm.CODE.canonical("a = 7 // 3"));
  }

  @Test
  void jsonIsAnObjectOrAList() {
    assertEquals(
        Optional.of("{\"a\":1,\"b\":[2]}"),
        AnswerForm.JSON.canonical("Here it is:\n```json\n{\"b\": [2.0], \"a\": 1}\n```\nDone."));
    assertEquals(Optional.empty(), AnswerForm.JSON.canonical("5"));
    assertEquals(Optional.empty(), AnswerForm.JSON.canonical("no idea"));
  }

  @Test
  void aCallOfAToolIsItsNameAndArguments() {
    String call = "{\"arguments\":{\"x\":1,\"y\":2},\"name\":\"add\"}";
    for (String text :
        List.of(
            "{\"name\": \"add\", \"arguments\": {\"y\": 2, \"x\": 1.0}}",
            "[{\"name\": \"add\", \"parameters\": {\"x\": 1, \"y\": 2}, \"id\": \"7\"}]",
            "I call {\"type\": \"function\", \"function\": {\"name\": \"add\", \"arguments\":"
                + " \"{\\\"x\\\": 1, \\\"y\\\": 2}\"}}")) {
      assertEquals(Optional.of(call), AnswerForm.TOOL_CALL.canonical(text), text);
    }
    assertEquals(
        AnswerForm.TOOL_CALL.canonical("[{\"name\": \"b\"}, {\"name\": \"a\"}]"),
        AnswerForm.TOOL_CALL.canonical(
            "[{\"name\": \"a\"}, {\"name\": \"b\", \"arguments\": {}}]"));
    assertEquals(Optional.empty(), AnswerForm.TOOL_CALL.canonical("{\"x\": 1}"));
    assertEquals(Optional.empty(), AnswerForm.TOOL_CALL.canonical("[]"));
  }

  @Test
  void codeIsItsTokens() {
    assertEquals(
        AnswerForm.CODE.canonical("```java\nint f(int x) {\n  // twice\n  return 2*x;\n}\n```"),
        AnswerForm.CODE.canonical("int f( int x ) {\n    return 2 * x; /* so */\n}"));
    for (String code :
        List.of("int f(int x) {\n  return 2*x;\n}", "def f(x):\n    return 'a'", "x = 1")) {
      Optional<String> once = AnswerForm.CODE.canonical(code);
      assertEquals(once, AnswerForm.CODE.canonical(once.orElseThrow()));
    }
    String python = "def f(x):\n    if x:  # yes\n        return 'a'\n\n    return 7 // 2";
    assertEquals(
        Optional.of("def f ( x ) :\n if x :\n  return \"a\"\n return 7 // 2"),
        AnswerForm.CODE.canonical(python));
    assertEquals(
        AnswerForm.CODE.canonical(python),
        AnswerForm.CODE.canonical(
            "```python\n" + python.replace("    ", "\t").replace("'", "\"") + "\n```"));
    assertNotEquals(
        AnswerForm.CODE.canonical(python),
        AnswerForm.CODE.canonical(python.replace("    return 7", "        return 7")));
  }

  @Test
  void aQueryIsComparedInSmallLetters() {
    String query = "select name from people where city != 'Rome'";
    for (String text :
        List.of(
            "SELECT name\nFROM People -- all\nWHERE city <> 'Rome';",
            "```sql\nselect \"name\" from `people` where city != 'Rome'\n```",
            "The answer is: select NAME from people where city!='Rome';")) {
      assertEquals(Optional.of(query), AnswerForm.SQL.canonical(text), text);
    }
    assertNotEquals(Optional.of(query), AnswerForm.SQL.canonical(query.replace("Rome", "rome")));
    assertEquals(Optional.empty(), AnswerForm.SQL.canonical("With 3 apples I am happy."));
  }

  @Test
  void autoLooksAtAllAnswers() {
    assertAuto(AnswerForm.DATE, "3 April 2024", "2024-04-03", "in spring");
    assertAuto(AnswerForm.QUANTITY, "1.5 km", "1500 m", "far");
    assertAuto(AnswerForm.LITERAL, "[1, 2]", "[1,2]", "one and two");
    assertAuto(AnswerForm.SQL, "SELECT a FROM b", "select a from b;", "no");
    assertAuto(
        AnswerForm.CODE, "```java\nint twice(int x) {}\n```", "```java\nint half(int x) {}\n```");
    assertAuto(AnswerForm.TEXT, "With 3 apples", "Update me", "x");
    assertAuto(AnswerForm.TEXT, "[1, 2]", "3 April 2024", "1.5 km");
    assertAuto(AnswerForm.NUMBER, "50%", "$5", "7");
    assertAuto(AnswerForm.CHOICE, "(A)", "A", "[1]");
  }

  private static void assertAuto(AnswerForm form, String... texts) {
    List<String> all = Arrays.asList(texts);
    assertEquals(form, AnswerForm.AUTO.resolve(all));
    assertEquals(form, AnswerForm.AUTO.resolve(all.reversed()));
  }

  @Test
  void theNumberOfWhatIsMarkedIsNotTheWhole() {
    assertEquals(
        AnswerForm.DATE,
        AnswerForm.AUTO.resolve(List.of("Answer: 3 April 2024", "The answer is 3 May 2024.")));
    assertEquals(AnswerForm.QUANTITY, AnswerForm.AUTO.resolve(List.of("#### 5 km", "#### 5000 m")));
    assertEquals(
        AnswerForm.LITERAL,
        AnswerForm.AUTO.resolve(List.of("Answer: [1, 2, 3]", "Answer: [1, 3, 2]")));
    assertEquals(AnswerForm.NUMBER, AnswerForm.AUTO.resolve(List.of("#### $5", "Answer: 7")));
    assertEquals(AnswerForm.NUMBER, AnswerForm.AUTO.resolve(List.of("12+7=19; #### 19", "#### 3")));
  }

  @Test
  void theFormIsSettledWhereNobodyCanChangeIt() {
    assertEquals(
        Optional.of(AnswerForm.LITERAL), AnswerForm.AUTO.settled(List.of("[]", "{}", "[1,2]"), 2));
    assertEquals(Optional.empty(), AnswerForm.AUTO.settled(List.of("[]", "{}", "[1,2]"), 3));
  }

  @Property(tries = 300, seed = "7")
  void aSpellingReadsAsItself(@ForAll("answers") String text) {
    for (AnswerForm form : KINDS.subList(0, KINDS.indexOf(AnswerForm.CODE))) {
      Optional<String> once = form.canonical(text);
      assertEquals(once, once.flatMap(form::canonical), () -> form + " of " + text);
    }
  }

  @Property(tries = 100, seed = "7")
  void whateverTheTextItIsRead(@ForAll String text) {
    for (AnswerForm form : KINDS) {
      form.canonical(text);
      form.isPlain(text);
    }
  }

  @Property(tries = 100, seed = "7")
  void aDateIsTheSameHoweverItIsWritten(@ForAll @IntRange(min = 0, max = 60_000) int day) {
    LocalDate date = LocalDate.of(1900, 1, 1).plusDays(day);
    for (String pattern :
        List.of(
            "yyyy-MM-dd", "d MMMM yyyy", "MMMM d, yyyy", "d.M.yyyy", "yyyy/M/d", "d-MMM-yyyy")) {
      String written = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(date);
      assertEquals(Optional.of(date.toString()), AnswerForm.DATE.canonical(written), written);
    }
  }

  @Property(tries = 100, seed = "7")
  void anObjectIsTheSameInWhateverOrder(@ForAll Map<String, Integer> values) {
    var falling = new TreeMap<String, Integer>(values).descendingMap();
    assertEquals(
        AnswerForm.JSON.canonical(written(new TreeMap<>(values))),
        AnswerForm.JSON.canonical(written(falling)));
  }

  private static String written(Map<String, Integer> values) {
    var json = new StringBuilder("{");
    values.forEach(
        (name, value) ->
            json.append(json.length() > 1 ? ", " : "")
                .append(new Literal.Text(name).spelling())
                .append(": ")
                .append(value));
    return json.append('}').toString();
  }

  @Provide
  Arbitrary<String> answers() {
    return Arbitraries.of(
            "[",
            "]",
            "{",
            "}",
            "(",
            ")",
            ",",
            ":",
            "'",
            "\"",
            "\\",
            "1",
            "2.50",
            "-",
            "e9",
            "None",
            "True",
            "NaN",
            " ",
            "\n",
            ".",
            "x",
            "km",
            "KM",
            "s",
            "glass",
            "°C",
            "%",
            "$",
            "April ",
            "2024",
            "/",
            "#",
            "//",
            "def f(x):\n    y\n",
            ";",
            "select a from b",
            "```\n",
            "answer is ")
        .list()
        .ofMaxSize(9)
        .map(parts -> String.join("", parts));
  }

  @Test
  void absurdTextsEndAtOnce() {
    List<String> absurd =
        List.of(
            "[".repeat(1 << 20),
            "[".repeat(10_000) + "]".repeat(10_000),
            "{'a':".repeat(10_000),
            "\"\\".repeat(30_000),
            "/* ".repeat(20_000),
            "'".repeat(60_001),
            "\"\"\"".repeat(20_001),
            "if :".repeat(15_000),
            "[x".repeat(30_000),
            "1e999999999999",
            "9".repeat(60_000) + " km",
            "1/".repeat(30_000),
            "answer is ".repeat(6_000),
            "select ".repeat(9_000),
            "```\n".repeat(15_000),
            "April ".repeat(10_000),
            "\u0000".repeat(60_000));
    for (String text : absurd) {
      for (AnswerForm form : KINDS) {
        assertTimeoutPreemptively(
            Duration.ofSeconds(5),
            () -> {
              form.canonical(text);
              form.isPlain(text);
            },
            () -> form + " of " + text.substring(0, 10));
      }
    }
  }
}
