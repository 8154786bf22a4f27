package dev.tutti.fusion.method.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options of a question, lettered from A, each on a line of its own: {@code A) ..}, {@code A.
 * ..}, {@code A: ..} or {@code (A) ..}.
 *
 * @param question the whole text
 * @param places where each option's words begin and end
 */
public record Options(String question, List<Place> places) {

  private static final Pattern OPTION =
      Pattern.compile("(?m)^[ \\t]*+\\(?([A-Z])[).:][ \\t]++(\\S.*+)$");

  /** Of an option's words, the end excluded. */
  public record Place(int from, int to) {}

  /** Keeps its own list. */
  public Options {
    places = List.copyOf(places);
  }

  /** Those of a question; empty where it has not two or more in order. */
  public static Optional<Options> of(String question) {
    var places = new ArrayList<Place>();
    Matcher matcher = OPTION.matcher(question);
    while (matcher.find()) {
      if (matcher.group(1).charAt(0) != 'A' + places.size()) {
        return Optional.empty();
      }
      places.add(new Place(matcher.start(2), matcher.end(2)));
    }
    return places.size() < 2 ? Optional.empty() : Optional.of(new Options(question, places));
  }

  /** How many there are, 2 to 26. */
  public int size() {
    return places.size();
  }

  /** The question with the words of option {@code i + by}, in a circle, behind letter {@code i}. */
  public String rotated(int by) {
    var text = new StringBuilder();
    int end = 0;
    for (int i = 0; i < size(); i++) {
      Place words = places.get((i + by) % size());
      text.append(question, end, places.get(i).from()).append(question, words.from(), words.to());
      end = places.get(i).to();
    }
    return text.append(question.substring(end)).toString();
  }

  /**
   * The question's own letter of one that was chosen of the rotated ones; empty where there is no
   * such option.
   */
  public Optional<String> original(String letter, int by) {
    int chosen = letter.length() == 1 ? letter.charAt(0) - 'A' : -1;
    return chosen < 0 || chosen >= size()
        ? Optional.empty()
        : Optional.of(String.valueOf((char) ('A' + (chosen + by) % size())));
  }
}
