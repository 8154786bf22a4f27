package dev.tutti.numerics.answer;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The number that a text ends in, in one spelling. */
final class NumberAnswer {

  /** Beyond this a number is no answer; it also bounds the work on it. */
  private static final int MAX_LENGTH = 400;

  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<![\\p{L}\\d_]|\\d\\.)(?<sign>[-+])?+[$€£]?+"
              + "(?<value>(?:\\d{1,3}(?:,\\d{3})++(?![\\d])|\\d++)(?:\\.\\d++)?+|\\.\\d++)"
              + "(?:[eE](?<exponent>[-+]?\\d{1,2})(?!\\d|\\.\\d))?+"
              + "(?:/(?<divisor>\\d++)(?!\\d|/|\\.\\d))?+");

  private static final Pattern AROUND = Pattern.compile("[\\s.,;:!$€£%*_()\\[\\]\"']*+");

  /** Numbers, operators and at most one variable at a time: what an equation begins with. */
  private static final Pattern EXPRESSION =
      Pattern.compile("[\\s\\d.,+\\-*/×÷^=()\\[\\]{}$€£]*+(?:[A-Za-z][\\s\\d.,+\\-*/×÷^=()]*+)?");

  private NumberAnswer() {}

  /**
   * The marked number ({@link AnswerMark}) where the text marks one, else its last number.
   * Thousands separators, a currency sign, a plus and trailing zeros fall away: {@code 1,234.50} is
   * {@code 1234.5}. A quotient of whole numbers is divided where that ends, and reduced where it
   * does not: {@code 3/4} is {@code 0.75}, {@code 2/6} is {@code 1/3}. The decimal sign is the
   * point.
   */
  static Optional<String> canonical(String text) {
    String plain = plainText(text);
    List<String> marked = AnswerMark.marked(plain);
    return marked.isEmpty()
        ? last(plain)
        : marked.stream().flatMap(part -> first(part).stream()).findFirst();
  }

  /** Whether the text says on purpose that a number is the answer: marked, or nothing else. */
  static boolean isPlain(String text) {
    String plain = plainText(text);
    List<String> marked = AnswerMark.marked(plain);
    if (!marked.isEmpty()) {
      return marked.stream().anyMatch(part -> first(part).isPresent());
    }
    String rest = plain.substring(plain.lastIndexOf('=') + 1);
    Matcher matcher = NUMBER.matcher(rest);
    return matcher.find()
        && AROUND.matcher(rest.substring(0, matcher.start())).matches()
        && AROUND.matcher(rest.substring(matcher.end())).matches();
  }

  private static String plainText(String text) {
    return AnswerMark.withoutLatex(text).replace('\u2212', '-');
  }

  private static Optional<String> first(String text) {
    // "the answer is 12+7=19" means 19, "the answer is 12 because x=3" means 12.
    int equals = text.lastIndexOf('=');
    String rest =
        equals >= 0 && EXPRESSION.matcher(text.substring(0, equals)).matches()
            ? text.substring(equals + 1)
            : text;
    Matcher matcher = NUMBER.matcher(rest);
    return matcher.find() ? value(rest, matcher) : Optional.empty();
  }

  private static Optional<String> last(String text) {
    Matcher matcher = NUMBER.matcher(text);
    Optional<String> last = Optional.empty();
    while (matcher.find()) {
      last = value(text, matcher);
    }
    return last;
  }

  private static Optional<String> value(String text, Matcher matcher) {
    if (matcher.end() - matcher.start() > MAX_LENGTH) {
      return Optional.empty();
    }
    String exponent = matcher.group("exponent") == null ? "" : "E" + matcher.group("exponent");
    BigDecimal value = new BigDecimal(matcher.group("value").replace(",", "") + exponent);
    if ("-".equals(matcher.group("sign")) && !isSubtraction(text, matcher.start())) {
      value = value.negate();
    }
    return matcher.group("divisor") == null
        ? Optional.of(plain(value))
        : quotient(value, new BigInteger(matcher.group("divisor")));
  }

  /** Whether the minus stands between two numbers: {@code 12-7}, {@code (3) -7}. */
  private static boolean isSubtraction(String text, int sign) {
    int before = sign - 1;
    while (before >= 0 && text.charAt(before) == ' ') {
      before--;
    }
    return before >= 0 && (Character.isDigit(text.charAt(before)) || text.charAt(before) == ')');
  }

  private static Optional<String> quotient(BigDecimal dividend, BigInteger divisor) {
    if (divisor.signum() == 0) {
      return Optional.empty();
    }
    if (dividend.stripTrailingZeros().scale() > 0) {
      return Optional.empty();
    }
    BigInteger whole = dividend.toBigIntegerExact();
    BigInteger common = whole.gcd(divisor);
    BigInteger above = whole.divide(common);
    BigInteger below = divisor.divide(common);
    try {
      return Optional.of(plain(new BigDecimal(above).divide(new BigDecimal(below))));
    } catch (ArithmeticException e) {
      return Optional.of(above + "/" + below);
    }
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
