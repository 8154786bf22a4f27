package dev.tutti.starter;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Lists of three to seven letters or of three to seven numbers below 100, to be turned round:
 * {@code reverse k b q:} asks for {@code q b k}. A list and its reverse are in the same part.
 */
public final class ReversingTask implements Task {

  /** The name of this task. */
  public static final String NAME = "reversing";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    int length = random.nextInt(3, 8);
    boolean letters = random.nextBoolean();
    List<String> items = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      items.add(
          letters
              ? Character.toString('a' + random.nextInt(26))
              : Integer.toString(random.nextInt(100)));
    }
    String list = String.join(" ", items);
    String reference = String.join(" ", items.reversed());
    String first = list.compareTo(reference) < 0 ? list : reference;
    return Draft.direct(Split.heldOut(Split.key(first)), "reverse " + list + ":", reference);
  }
}
