package dev.tutti.numerics.answer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of a program that a text holds, where the program is arithmetic alone. Nothing of it is
 * run but what is read here: assignments {@code name = expression} and expressions, one a line (or
 * between semicolons), of numbers, names assigned before, {@code + - * / // % **}, parentheses,
 * comparisons, and {@code min}, {@code max}, {@code abs}, {@code round} and {@code print}; comments
 * begin with {@code #}. All of it means what it means in Python ({@link ProgramNumber}): whole
 * numbers are exact, {@code //} and {@code %} round down, {@code **} binds to the right and before
 * a sign on its left, comparisons chain.
 *
 * <p>A program has {@value #MOST_CHARACTERS} characters and {@value #MOST_STATEMENTS} statements at
 * most, takes {@value #MOST_STEPS} steps, and nests {@value #DEEPEST} deep; no number is beyond
 * 2^1024. Whatever is beyond, or is anything else (imports, loops, texts, a division by zero), has
 * no value. For one thread.
 */
public final class ProgramAnswer {

  private static final int MOST_CHARACTERS = 4_096;
  private static final int MOST_STATEMENTS = 128;
  private static final int MOST_STEPS = 1_024;
  private static final int DEEPEST = 64;

  /** Names of the result, the first one assigned counts. */
  private static final List<String> RESULTS = List.of("ans", "answer");

  private static final Pattern COMMENT = Pattern.compile("#[^\\n\\r]*+");
  private static final Pattern STATEMENT = Pattern.compile("[\\n\\r;]");

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*+(?:(?<number>(?:[0-9][0-9_]*+(?:\\.[0-9]*+)?+|\\.[0-9]++)(?:[eE][-+]?[0-9]++)?+)"
              + "|(?<name>[A-Za-z_][A-Za-z_0-9]*+)"
              + "|(?<sign>\\*\\*|//|<=|>=|==|!=|[-+*/%()<>=,]))");

  private final Map<String, ProgramNumber> names = new HashMap<>();
  private List<String> tokens = List.of();
  private int at;
  private int depth;
  private int steps;

  private ProgramAnswer() {}

  /**
   * The value of the last block of code of a text, or of the whole text where it has none: that of
   * the name {@code ans}, else {@code answer}, else of the last statement. Whole numbers are
   * spelled with all digits, others with twelve at most, comparisons {@code True} or {@code False}.
   * A block that nothing closes is cut off, and no program.
   *
   * @return empty where there is no such program, or it has no value
   */
  public static Optional<String> value(String text) {
    Optional<CodeBlock> block = CodeBlock.last(text);
    String program = block.map(CodeBlock::content).orElse(text);
    // Of a text that was cut off the last number may be half a number.
    if (program.length() > MOST_CHARACTERS || block.filter(its -> !its.isClosed()).isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ProgramAnswer().run(program).spelling());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private ProgramNumber run(String program) {
    ProgramNumber last = null;
    int statements = 0;
    for (String line : STATEMENT.split(COMMENT.matcher(program).replaceAll(""))) {
      if (line.isBlank()) {
        continue;
      }
      require(++statements <= MOST_STATEMENTS);
      tokens = tokens(line);
      at = 0;
      last = statement();
      require(at == tokens.size());
    }
    for (String name : RESULTS) {
      if (names.containsKey(name)) {
        return names.get(name);
      }
    }
    require(last != null);
    return last;
  }

  private static List<String> tokens(String line) {
    var tokens = new ArrayList<String>();
    String rest = line.strip();
    Matcher matcher = TOKEN.matcher(rest);
    int from = 0;
    while (from < rest.length()) {
      require(matcher.region(from, rest.length()).lookingAt());
      tokens.add(matcher.group().strip());
      from = matcher.end();
    }
    return tokens;
  }

  private ProgramNumber statement() {
    if (tokens.size() > 2 && isName(tokens.getFirst()) && tokens.get(1).equals("=")) {
      String name = tokens.getFirst();
      require(!isReserved(name));
      at = 2;
      ProgramNumber value = expression();
      names.put(name, value);
      return value;
    }
    return expression();
  }

  /** Comparisons, which chain: {@code a < b < c} is {@code a < b} and {@code b < c}. */
  private ProgramNumber expression() {
    require(++depth <= DEEPEST);
    ProgramNumber left = sum();
    Optional<Boolean> all = Optional.empty();
    while (List.of("<", "<=", ">", ">=", "==", "!=").contains(peek())) {
      String sign = take();
      ProgramNumber right = sum();
      step();
      all = Optional.of(all.orElse(true) & left.compares(sign, right));
      left = right;
    }
    depth--;
    return all.<ProgramNumber>map(ProgramNumber.Truth::new).orElse(left);
  }

  private ProgramNumber sum() {
    ProgramNumber left = product();
    while (peek().equals("+") || peek().equals("-")) {
      boolean plus = take().equals("+");
      ProgramNumber right = product();
      step();
      left = plus ? left.plus(right) : left.plus(right.negated());
    }
    return left;
  }

  private ProgramNumber product() {
    ProgramNumber left = signed();
    while (List.of("*", "/", "//", "%").contains(peek())) {
      String sign = take();
      ProgramNumber right = signed();
      step();
      left =
          switch (sign) {
            case "*" -> left.times(right);
            case "/" -> left.over(right);
            case "//" -> left.floorOver(right);
            default -> left.modulo(right);
          };
    }
    return left;
  }

  private ProgramNumber signed() {
    require(++depth <= DEEPEST);
    ProgramNumber value;
    if (peek().equals("-")) {
      take();
      step();
      value = signed().negated();
    } else if (peek().equals("+")) {
      take();
      value = signed().number();
    } else {
      value = power();
    }
    depth--;
    return value;
  }

  private ProgramNumber power() {
    ProgramNumber base = atom();
    if (!peek().equals("**")) {
      return base;
    }
    take();
    ProgramNumber exponent = signed();
    step();
    return base.power(exponent);
  }

  private ProgramNumber atom() {
    String token = take();
    if (token.equals("(")) {
      ProgramNumber inner = expression();
      require(take().equals(")"));
      return inner;
    }
    if (!isName(token)) {
      return ProgramNumber.literal(token);
    }
    if (token.equals("True") || token.equals("False")) {
      return new ProgramNumber.Truth(token.equals("True"));
    }
    if (peek().equals("(")) {
      return call(token);
    }
    require(names.containsKey(token));
    return names.get(token);
  }

  private ProgramNumber call(String function) {
    take();
    var arguments = new ArrayList<ProgramNumber>();
    arguments.add(expression());
    while (peek().equals(",")) {
      take();
      arguments.add(expression());
    }
    require(take().equals(")"));
    step();
    ProgramNumber first = arguments.getFirst();
    int count = arguments.size();
    switch (function) {
      case "min", "max" -> {
        require(count > 1);
        String better = function.equals("min") ? "<" : ">";
        ProgramNumber best = first;
        for (ProgramNumber other : arguments) {
          best = other.number().compares(better, best.number()) ? other : best;
        }
        return best;
      }
      case "abs" -> {
        require(count == 1);
        return first.compares("<", ProgramNumber.literal("0")) ? first.negated() : first.number();
      }
      case "round" -> {
        require(count <= 2);
        return first.rounded(count == 1 ? Optional.empty() : Optional.of(arguments.get(1)));
      }
      case "print" -> {
        require(count == 1);
        return first;
      }
      default -> throw new ArithmeticException("There is no function " + function);
    }
  }

  private String peek() {
    return at < tokens.size() ? tokens.get(at) : "";
  }

  private String take() {
    require(at < tokens.size());
    return tokens.get(at++);
  }

  private void step() {
    require(++steps <= MOST_STEPS);
  }

  private static boolean isName(String token) {
    return Character.isLetter(token.charAt(0)) || token.charAt(0) == '_';
  }

  private static boolean isReserved(String name) {
    return List.of("True", "False", "min", "max", "abs", "round", "print").contains(name);
  }

  private static void require(boolean isSo) {
    if (!isSo) {
      throw new ArithmeticException("This is no program of arithmetic.");
    }
  }
}
