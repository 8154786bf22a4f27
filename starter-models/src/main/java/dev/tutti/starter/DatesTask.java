package dev.tutti.starter;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Dates from 2000 to 2099: {@code 2024-02-27 + 3 days:} asks for {@code 2024-03-01} (1 to 28 days),
 * {@code 1 Mar 2024 as ISO:} for {@code 2024-03-01}.
 */
public final class DatesTask implements Task {

  /** The name of this task. */
  public static final String NAME = "dates";

  private static final DateTimeFormatter WRITTEN =
      DateTimeFormatter.ofPattern("d MMM yyyy", Locale.ENGLISH);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    LocalDate date = LocalDate.of(2000, 1, 1).plusDays(random.nextInt(36_000));
    if (random.nextBoolean()) {
      String prompt = WRITTEN.format(date) + " as ISO:";
      return Draft.direct(Split.heldOut(Split.key(prompt)), prompt, date.toString());
    }
    int days = random.nextInt(1, 29);
    String prompt = date + " + " + days + " days:";
    return Draft.direct(Split.heldOut(Split.key(prompt)), prompt, date.plusDays(days).toString());
  }
}
