package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Fields that one endpoint refuses of those that this service adds by itself: found out when it
 * refuses one, and forgotten after a while, since servers are updated. Thread-safe.
 */
final class RefusedFields {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Also says that a field is refused. */
  private static final Map<String, String> PARTS =
      Map.of("stream_options", "include_usage", "logprobs", "top_logprobs");

  /** Common words, or fields whose value alone may be wrong: named in other complaints too. */
  private static final Set<String> AMBIGUOUS = Set.of("stream", "max_tokens");

  /** How servers say that they do not take a field at all. */
  private static final Pattern NOT_TAKEN =
      Pattern.compile(
          "unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed"
              + "|not implemented|extra_forbidden|extra inputs|additional propert"
              + "|max_completion_tokens",
          Pattern.CASE_INSENSITIVE);

  private final Duration kept;
  private final LongSupplier nanoTime;
  private final Map<Place, Long> learned = new ConcurrentHashMap<>();

  private record Place(String path, String field) {}

  /**
   * Nothing is known yet.
   *
   * @param kept how long what was found is believed
   * @param nanoTime as {@link System#nanoTime}
   */
  RefusedFields(Duration kept, LongSupplier nanoTime) {
    this.kept = kept;
    this.nanoTime = nanoTime;
  }

  /** Notes that a request to this path was taken without these fields, and refused with them. */
  void learn(String path, Collection<String> fields) {
    long now = nanoTime.getAsLong();
    fields.forEach(field -> learned.put(new Place(path, field), now));
  }

  /** Those of the fields that are refused at this path. */
  Set<String> known(String path, Set<String> among) {
    if (learned.isEmpty()) {
      return Set.of();
    }
    long now = nanoTime.getAsLong();
    learned.values().removeIf(since -> now - since >= kept.toNanos());
    return among.stream()
        .filter(field -> learned.containsKey(new Place(path, field)))
        .collect(Collectors.toSet());
  }

  /**
   * Those of the fields that an answer may be refusing; whether it does is seen when it is asked
   * without them.
   *
   * @param status other than 200
   * @param answer its beginning
   */
  static Set<String> named(int status, byte[] answer, Set<String> among) {
    boolean request = status == 400 || status == 422;
    // Some servers call a request that they do not understand their own fault.
    boolean server = status == 500 || status == 501;
    if (among.isEmpty() || (!request && !server)) {
      return Set.of();
    }
    String said = new String(answer, StandardCharsets.UTF_8);
    if (request && isSilent(answer)) {
      return guess(among);
    }
    Set<String> places = places(answer);
    Predicate<String> isNamed = places.isEmpty() ? word -> says(said, word) : places::contains;
    boolean isNotTaken = NOT_TAKEN.matcher(said).find();
    return among.stream()
        .filter(field -> isNamed.test(field) || isNamed.test(PARTS.getOrDefault(field, field)))
        .filter(field -> isNotTaken || (request && !AMBIGUOUS.contains(field)))
        .collect(Collectors.toSet());
  }

  /** Whether an answer names nothing, so that what it refuses can only be guessed. */
  static boolean isSilent(byte[] answer) {
    return new String(answer, StandardCharsets.UTF_8).isBlank();
  }

  /** What changes the answer goes last, and the limit of its length last of all. */
  private static Set<String> guess(Set<String> among) {
    Set<String> harmless =
        among.stream().filter(field -> !AMBIGUOUS.contains(field)).collect(Collectors.toSet());
    if (!harmless.isEmpty()) {
      return harmless;
    }
    return among.contains("stream") ? Set.of("stream") : among;
  }

  private static boolean says(String text, String field) {
    return Pattern.compile("(?<!\\w)" + field + "(?!\\w)").matcher(text).find();
  }

  /**
   * The fields that an error in a usual form is about: OpenAI's {@code param}, pydantic's {@code
   * loc}.
   */
  private static Set<String> places(byte[] answer) {
    var places = new HashSet<String>();
    try {
      JsonNode root = JSON.readTree(answer);
      if (root != null) {
        root.findValues("param").forEach(param -> add(param, places));
        root.findValues("loc").forEach(loc -> loc.forEach(part -> add(part, places)));
      }
    } catch (IOException e) {
      // Plain text, then.
    }
    places.remove("body");
    return places;
  }

  private static void add(JsonNode name, Set<String> places) {
    if (name.isTextual() && !name.textValue().isBlank()) {
      places.addAll(List.of(name.textValue().split("[.\\[\\]/]+")));
    }
  }
}
