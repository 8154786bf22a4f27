package dev.tutti.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contracts keep buf's STANDARD naming, and every element says what it is. */
class ContractLintTest {

  private static final Path ROOT = Path.of("src/main/proto");

  private static final Pattern BLOCK =
      Pattern.compile("^(message|enum|service|oneof) (\\w+) \\{(.*)$");
  private static final Pattern FIELD =
      Pattern.compile(
          "^(?:repeated |optional )?(?:map<[^>]+>|[\\w.]+) (\\w+) = (\\d+)(?: \\[.*])?;$");
  private static final Pattern VALUE = Pattern.compile("^(\\w+) = (\\d+);$");
  private static final Pattern RPC =
      Pattern.compile("^rpc (\\w+)\\((?:stream )?(\\w+)\\) returns \\((?:stream )?(\\w+)\\);$");

  @Test
  void everyContractKeepsTheRules() throws IOException {
    List<String> faults = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> all = Files.walk(ROOT)) {
      files = all.filter(p -> p.toString().endsWith(".proto")).sorted().toList();
    }
    assertFalse(files.isEmpty(), "no contracts below " + ROOT.toAbsolutePath());
    for (Path file : files) {
      faults.addAll(lint(ROOT.relativize(file), Files.readAllLines(file)));
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void theLintSeesEachKindOfFault() {
    List<String> bad =
        List.of(
            "package tutti.other.v1;",
            "option java_package = \"wrong\";",
            "service Thing {",
            "rpc Do(Ask) returns (DoResponse);",
            "}",
            "enum Kind {",
            "GOOD = 0;",
            "}",
            "message lower {",
            "string camelCase = 1;",
            "}");
    assertEquals(
        13,
        lint(Path.of("tutti/x/v1/x.proto"), bad).size(),
        () -> lint(Path.of("tutti/x/v1/x.proto"), bad).toString());
  }

  private static List<String> lint(Path file, List<String> lines) {
    List<String> faults = new ArrayList<>();
    String expected = file.getParent().toString().replace('/', '.');
    if (!lines.contains("package " + expected + ";")) {
      faults.add(file + ": package must be " + expected);
    }
    if (!lines.contains("option java_package = \"dev." + expected + "\";")) {
      faults.add(file + ": java_package must be dev." + expected);
    }
    String block = "";
    String name = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      String where = file + ":" + (i + 1) + ": ";
      boolean commented = i > 0 && lines.get(i - 1).strip().startsWith("//");
      Matcher matcher;
      if ((matcher = BLOCK.matcher(line)).matches()) {
        require(faults, commented, where + matcher.group(2) + " needs a comment");
        if (!matcher.group(1).equals("oneof")) {
          block = matcher.group(1);
          name = matcher.group(2);
          require(faults, name.matches("[A-Z][A-Za-z0-9]*"), where + name + " must be PascalCase");
          require(
              faults,
              !block.equals("service") || name.endsWith("Service"),
              where + name + " must end in Service");
        }
      } else if ((matcher = RPC.matcher(line)).matches()) {
        String rpc = matcher.group(1);
        require(faults, commented, where + rpc + " needs a comment");
        require(
            faults,
            matcher.group(2).equals(rpc + "Request") && matcher.group(3).equals(rpc + "Response"),
            where + "must take " + rpc + "Request and give " + rpc + "Response");
      } else if (block.equals("enum") && (matcher = VALUE.matcher(line)).matches()) {
        String prefix =
            name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT) + "_";
        require(faults, commented, where + matcher.group(1) + " needs a comment");
        require(
            faults,
            matcher.group(1).startsWith(prefix)
                && (!matcher.group(2).equals("0")
                    || matcher.group(1).equals(prefix + "UNSPECIFIED")),
            where
                + matcher.group(1)
                + " must start with "
                + prefix
                + ", and the first be UNSPECIFIED");
      } else if (block.equals("message") && (matcher = FIELD.matcher(line)).matches()) {
        require(faults, commented, where + matcher.group(1) + " needs a comment");
        require(
            faults,
            matcher.group(1).matches("[a-z][a-z0-9_]*"),
            where + matcher.group(1) + " must be snake_case");
      }
    }
    return faults;
  }

  private static void require(List<String> faults, boolean good, String fault) {
    if (!good) {
      faults.add(fault);
    }
  }
}
