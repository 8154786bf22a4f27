package dev.tutti.numerics.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Source code by its tokens: without comments, and however it is laid out. */
final class CodeAnswer {

  private static final int LONGEST = 65_536;

  private static final String STRING =
      "\"\"\"(?s:.*?)(?:\"\"\"|\\z)|'''(?s:.*?)(?:'''|\\z)"
          + "|\"(?:[^\"\\\\\\n]|\\\\.)*+\"?+|'(?:[^'\\\\\\n]|\\\\.)*+'?+";

  private static final String TOKEN =
      "[\\p{L}_$][\\p{L}\\d_$]*+|\\d[\\p{L}\\d_.]*+"
          + "|[-+*/%&|^=<>!:]=|->|=>|\\*\\*|//|&&|\\|\\||<<|>>|\\+\\+|--|[^\\s]";

  private static final Pattern INDENTED = Pattern.compile(STRING + "|#[^\\n]*+|" + TOKEN);

  private static final Pattern BRACED =
      Pattern.compile("/\\*(?s:.*?)(?:\\*/|\\z)|//[^\\n]*+|" + STRING + "|" + TOKEN);

  private static final Pattern SQL =
      Pattern.compile(
          "/\\*(?s:.*?)(?:\\*/|\\z)|--[^\\n]*+|'(?:[^']|'')*+'|\"[^\"]*+\"|`[^`]*+`|"
              + "[\\p{L}_][\\p{L}\\d_$]*+|\\d[\\p{L}\\d_.]*+|<>|[<>!=]=|\\|\\||[^\\s]");

  /** What tells that the depth of a line means something. */
  private static final Pattern PYTHON =
      Pattern.compile(
          "(?m)^[ \\t]*+(?:def|class|for|while|if|elif|else|try|except|with)\\b[^\\n{};]*:"
              + "[ \\t]*+(?:#[^\\n]*+)?+$");

  /** What tells that it means nothing. */
  private static final Pattern BRACES = Pattern.compile("(?m)(?:;[ \\t}]*+|\\{[ \\t]*+)$");

  private static final Pattern QUERY =
      Pattern.compile(
          "^\\s*+(?i:select\\s.*?\\bfrom\\b|insert\\s++into\\b|update\\s++\\S++\\s++set\\b"
              + "|delete\\s++from\\b|with\\s++\\S++\\s++as\\s*+\\("
              + "|create\\s++(?:table|view|index)\\b).*+",
          Pattern.DOTALL);

  /** A name that needs no quotes. */
  private static final Pattern NAME = Pattern.compile(".[\\p{L}_][\\p{L}\\d_$]*+.");

  private static final Set<String> OTHER = Set.of("json", "sql", "text", "txt", "markdown", "");

  private CodeAnswer() {}

  /**
   * The last block of code, or the whole text where there is none, as its tokens with a space
   * between two. Comments and blank lines fall away; in code whose lines are put together by their
   * depth (Python's, and all that has no line that ends in a semicolon or an opening brace)
   * comments begin with {@code #}, each line stays one, after as many spaces as it is deep, and a
   * string's quotes are the double ones where it holds none. Names stay as they are: nobody runs
   * it. A text of more than 65,536 characters gives none.
   */
  static Optional<String> canonical(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    Optional<CodeBlock> block = CodeBlock.last(text);
    String code = block.map(CodeBlock::content).orElse(text);
    boolean indented =
        block.filter(its -> its.language().startsWith("py")).isPresent()
            || PYTHON.matcher(code).find()
            || !BRACES.matcher(code).find();
    String spelled = indented ? lines(code) : tokens(BRACED, code);
    return spelled.isBlank() ? Optional.empty() : Optional.of(spelled);
  }

  /** Whether more than half of the text is one block of code in a programming language. */
  static boolean isPlain(String text) {
    return text.length() <= LONGEST
        && CodeBlock.last(text)
            .filter(block -> !OTHER.contains(block.language()))
            .filter(block -> 2 * block.content().length() > text.length())
            .isPresent();
  }

  /**
   * A query of the last block of code, else the marked one, else the whole text: names and keywords
   * in small letters, without comments, quotes around names, a final semicolon, and {@code <>} as
   * {@code !=}. Texts in it stay as they are. Two queries that mean the same in other words are
   * two.
   */
  static Optional<String> sql(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    return query(text)
        .map(
            code -> {
              String tokens = tokens(SQL, code);
              while (tokens.endsWith(" ;")) {
                tokens = tokens.substring(0, tokens.length() - 2);
              }
              return tokens;
            })
        .filter(tokens -> !tokens.isBlank());
  }

  /** Whether the text says on purpose that a query is the answer. */
  static boolean isQuery(String text) {
    return text.length() <= LONGEST && query(text).isPresent();
  }

  private static Optional<String> query(String text) {
    return CodeBlock.last(text)
        .map(CodeBlock::content)
        .filter(code -> QUERY.matcher(code).matches())
        .or(() -> Optional.of(text).filter(code -> QUERY.matcher(code).matches()))
        .or(
            () ->
                AnswerMark.marked(text).stream()
                    .filter(part -> QUERY.matcher(part).matches())
                    .findFirst());
  }

  private static String tokens(Pattern pattern, String code) {
    var tokens = new ArrayList<String>();
    Matcher matcher = pattern.matcher(code);
    while (matcher.find()) {
      String token = pattern == SQL ? small(matcher.group()) : matcher.group();
      if (!isComment(pattern, matcher.group())) {
        tokens.add(pattern == INDENTED ? quoted(token) : token);
      }
    }
    return String.join(" ", tokens);
  }

  private static boolean isComment(Pattern pattern, String token) {
    if (pattern == INDENTED) {
      return token.startsWith("#");
    }
    return token.startsWith("/*") && token.length() > 2
        || token.startsWith(pattern == SQL ? "--" : "//");
  }

  private static String small(String token) {
    return switch (token.charAt(0)) {
      case '\'' -> token;
      case '"', '`' ->
          NAME.matcher(token).matches()
              ? token.substring(1, token.length() - 1).toLowerCase(Locale.ROOT)
              : token;
      default -> token.equals("<>") ? "!=" : token.toLowerCase(Locale.ROOT);
    };
  }

  private static String quoted(String token) {
    boolean single = token.length() >= 2 && token.matches("'[^']*+'");
    return single && token.indexOf('"') < 0 && token.indexOf('\\') < 0
        ? '"' + token.substring(1, token.length() - 1) + '"'
        : token;
  }

  private static String lines(String code) {
    var depths = new ArrayList<>(List.of(0));
    var spelled = new ArrayList<String>();
    for (String line : code.replace("\t", "    ").split("\n")) {
      String tokens = tokens(INDENTED, line);
      if (tokens.isEmpty()) {
        continue;
      }
      int depth = line.length() - line.stripLeading().length();
      while (depths.size() > 1 && depths.getLast() > depth) {
        depths.removeLast();
      }
      if (depths.getLast() < depth) {
        depths.add(depth);
      }
      spelled.add(" ".repeat(depths.size() - 1) + tokens);
    }
    return String.join("\n", spelled);
  }
}
