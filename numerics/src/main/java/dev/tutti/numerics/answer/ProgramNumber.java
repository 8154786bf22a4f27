package dev.tutti.numerics.answer;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;

/**
 * A value of a {@link ProgramAnswer}, with Python's arithmetic: whole numbers are exact, others are
 * doubles, and whatever meets a double is one. No number is beyond 2^1024, or infinite; what would
 * be throws an {@link ArithmeticException}, as does what means nothing: a division by zero, a root
 * of a negative number, arithmetic with the outcome of a comparison.
 */
sealed interface ProgramNumber {

  /** Bits of a whole number: as far as a double reaches. */
  int MOST_BITS = 1_024;

  /** Digits of a number as it is written. */
  int MOST_DIGITS = 310;

  /** Digits of a double that is spelled: fewer than rounding reaches. */
  MathContext SPELLED = new MathContext(12, RoundingMode.HALF_EVEN);

  /** A whole number. */
  record Whole(BigInteger value) implements ProgramNumber {

    /** Checks its size. */
    public Whole {
      if (value.bitLength() > MOST_BITS) {
        throw wrong("a number is too large");
      }
    }
  }

  /** A double. */
  record Real(double value) implements ProgramNumber {

    /** Checks that it is a number. */
    public Real {
      if (!Double.isFinite(value)) {
        throw wrong("a number is too large, or none");
      }
    }
  }

  /** What a comparison tells. */
  record Truth(boolean value) implements ProgramNumber {}

  /** A number as it is written: digits may be parted by underscores. */
  static ProgramNumber literal(String token) {
    boolean whole = token.chars().allMatch(c -> c >= '0' && c <= '9' || c == '_');
    String digits = token.replace("_", "");
    boolean leads = whole && digits.length() > 1 && digits.charAt(0) == '0';
    boolean parted = token.endsWith("_") || token.contains("__") || token.contains("_.");
    if (digits.length() > MOST_DIGITS || leads || parted) {
      throw wrong("this is no number");
    }
    try {
      return whole ? new Whole(new BigInteger(digits)) : new Real(Double.parseDouble(digits));
    } catch (NumberFormatException e) {
      throw wrong("this is no number");
    }
  }

  /** Itself, where it is one. */
  default ProgramNumber number() {
    if (this instanceof Truth) {
      throw wrong("a comparison is no number");
    }
    return this;
  }

  private double real() {
    return switch (this) {
      case Whole whole -> new Real(whole.value().doubleValue()).value();
      case Real real -> real.value();
      case Truth _ -> throw wrong("a comparison is no number");
    };
  }

  private BigDecimal exact() {
    return switch (this) {
      case Whole whole -> new BigDecimal(whole.value());
      case Real real -> new BigDecimal(real.value());
      case Truth _ -> throw wrong("a comparison is no number");
    };
  }

  /** The sum. */
  default ProgramNumber plus(ProgramNumber other) {
    return this instanceof Whole a && other instanceof Whole b
        ? new Whole(a.value().add(b.value()))
        : new Real(real() + other.real());
  }

  /** Its opposite. */
  default ProgramNumber negated() {
    return this instanceof Whole a ? new Whole(a.value().negate()) : new Real(-real());
  }

  /** The product. */
  default ProgramNumber times(ProgramNumber other) {
    return this instanceof Whole a && other instanceof Whole b
        ? new Whole(a.value().multiply(b.value()))
        : new Real(real() * other.real());
  }

  /** The quotient, never whole. */
  default ProgramNumber over(ProgramNumber other) {
    return new Real(real() / other.real());
  }

  /** The quotient, rounded down. */
  default ProgramNumber floorOver(ProgramNumber other) {
    if (this instanceof Whole a && other instanceof Whole b) {
      // What is left has the divisor's sign, so this division leaves nothing.
      return new Whole(a.value().subtract(rest(a, b)).divide(b.value()));
    }
    double quotient = (real() - rest(other)) / other.real();
    double floor = Math.floor(quotient);
    return new Real(quotient - floor > 0.5 ? floor + 1 : floor);
  }

  /** What the quotient, rounded down, leaves: of the divisor's sign. */
  default ProgramNumber modulo(ProgramNumber other) {
    return this instanceof Whole a && other instanceof Whole b
        ? new Whole(rest(a, b))
        : new Real(rest(other));
  }

  private static BigInteger rest(Whole dividend, Whole divisor) {
    BigInteger rest = dividend.value().remainder(divisor.value());
    return rest.signum() * divisor.value().signum() < 0 ? rest.add(divisor.value()) : rest;
  }

  private double rest(ProgramNumber other) {
    double divisor = other.real();
    double rest = real() % divisor;
    return rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest;
  }

  /** The power; whole where both are and the exponent is not negative. */
  default ProgramNumber power(ProgramNumber exponent) {
    if (this instanceof Whole base && exponent instanceof Whole e && e.value().signum() >= 0) {
      if (e.value().bitLength() > 10
          || (base.value().bitLength() - 1L) * e.value().intValue() > MOST_BITS) {
        throw wrong("a power is too large");
      }
      return new Whole(base.value().pow(e.value().intValue()));
    }
    return new Real(Math.pow(real(), exponent.real()));
  }

  /**
   * Rounded to so many decimals, or to a whole number where none are said; of two that are equally
   * near the even one.
   */
  default ProgramNumber rounded(Optional<ProgramNumber> decimals) {
    if (decimals.isEmpty()) {
      return new Whole(exact().setScale(0, RoundingMode.HALF_EVEN).toBigInteger());
    }
    if (!(decimals.get() instanceof Whole places) || places.value().bitLength() > 8) {
      throw wrong("this is no number of decimals");
    }
    BigDecimal rounded = exact().setScale(places.value().intValue(), RoundingMode.HALF_EVEN);
    return this instanceof Whole
        ? new Whole(rounded.toBigInteger())
        : new Real(rounded.doubleValue());
  }

  /** Whether the comparison holds. */
  default boolean compares(String sign, ProgramNumber other) {
    int order = exact().compareTo(other.exact());
    return switch (sign) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      case "==" -> order == 0;
      default -> order != 0;
    };
  }

  /** As an answer is written. */
  default String spelling() {
    if (this instanceof Truth truth) {
      return truth.value() ? "True" : "False";
    }
    BigDecimal exact = this instanceof Whole ? exact() : exact().round(SPELLED);
    return exact.signum() == 0 ? "0" : exact.stripTrailingZeros().toPlainString();
  }

  private static ArithmeticException wrong(String why) {
    return new ArithmeticException(why);
  }
}
