package dev.tutti.cascade.method.agreement;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as answers that are told with more or fewer decimals are compared. */
final class RoundedNumber {

  private static final int DECIMALS = 3;

  /** As forms of answers spell a number, or a quotient that does not end. */
  private static final Pattern NUMBER =
      Pattern.compile("(-?[0-9]{1,400}(?:\\.[0-9]{1,400})?)(?:/([0-9]{1,400}))?");

  private RoundedNumber() {}

  /**
   * A number to three decimals, one below 1 to three digits; any other text as it stands.
   *
   * @param answer in one spelling already
   */
  static String spelling(String answer) {
    Matcher matcher = NUMBER.matcher(answer);
    if (!matcher.matches()) {
      return answer;
    }
    var number = new BigDecimal(matcher.group(1));
    if (matcher.group(2) != null) {
      var divisor = new BigDecimal(matcher.group(2));
      if (divisor.signum() == 0) {
        return answer;
      }
      number = number.divide(divisor, MathContext.DECIMAL128);
    }
    // Places between the point and the first digit that is not 0.
    int zeros = Math.max(0, number.scale() - number.precision());
    BigDecimal rounded = number.setScale(DECIMALS + zeros, RoundingMode.HALF_EVEN);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }
}
