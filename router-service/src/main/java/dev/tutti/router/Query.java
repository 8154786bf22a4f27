package dev.tutti.router;

import dev.tutti.router.fit.TextFeatures;
import java.util.Arrays;
import java.util.List;

/**
 * What a router decides about: the conversation, oldest first. It is neutral: no message says which
 * member wrote it.
 *
 * @param messages at least one
 * @param embedding of the text that is to be answered, of unit length, for a method that needs
 *     EMBEDDING; empty where none was asked for. It is shared, not copied: nobody writes to it
 * @param features of the text ({@link TextFeatures}) where they are known already; empty where the
 *     text tells them. Shared like the embedding
 */
public record Query(List<Message> messages, float[] embedding, float[] features) {

  private static final int CHARACTERS_PER_TOKEN = 4;

  /** Who said a message. */
  public enum Role {
    /** Instructions. */
    SYSTEM,
    /** The person, or the calling program. */
    USER,
    /** A member. */
    ASSISTANT
  }

  /** One message. */
  public record Message(Role role, String content) {}

  /** A query for a method that needs no embedding. */
  public Query(List<Message> messages) {
    this(messages, new float[0]);
  }

  /** A query whose text is there. */
  public Query(List<Message> messages, float[] embedding) {
    this(messages, embedding, new float[0]);
  }

  /** This query with its embedding, and its text's features, which are made once for all. */
  public Query with(float[] its) {
    return new Query(messages, its, textFeatures());
  }

  /**
   * A query of a log, which keeps no text.
   *
   * @param features {@link TextFeatures#COUNT} of them
   */
  public static Query logged(float[] embedding, float[] features) {
    return new Query(List.of(new Message(Role.USER, "")), embedding, features);
  }

  /** Checks that there is something to decide about. */
  public Query {
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("A query has at least one message.");
    }
    if (features.length != 0 && features.length != TextFeatures.COUNT) {
      throw new IllegalArgumentException(
          "A text has %d features; here are %d.".formatted(TextFeatures.COUNT, features.length));
    }
    for (int i = 0; i < embedding.length; i++) {
      if (!Float.isFinite(embedding[i])) {
        throw new IllegalArgumentException(
            "Number %d of the embedding is %s; it must be finite.".formatted(i, embedding[i]));
      }
    }
  }

  /**
   * The embedding.
   *
   * @throws IllegalArgumentException when it has not so many numbers
   */
  public float[] embedding(int dimensions) {
    if (embedding.length != dimensions) {
      throw new IllegalArgumentException(
          "The query's embedding has %d numbers; the method was fitted to %d."
              .formatted(embedding.length, dimensions));
    }
    return embedding;
  }

  /**
   * What a head sees of the query: the embedding, and the text's features where it was fitted to
   * them ({@link TextFeatures}).
   *
   * @throws IllegalArgumentException when that does not make so many numbers
   */
  public float[] inputs(int columns) {
    if (embedding.length + TextFeatures.COUNT != columns) {
      return embedding(columns);
    }
    float[] inputs = Arrays.copyOf(embedding, columns);
    System.arraycopy(textFeatures(), 0, inputs, embedding.length, TextFeatures.COUNT);
    return inputs;
  }

  /** {@link TextFeatures} of what is to be answered. */
  public float[] textFeatures() {
    return features.length == 0 ? TextFeatures.of(text()) : features;
  }

  /** What is to be answered: the last message of a user, the last message where there is none. */
  public String text() {
    return messages.reversed().stream()
        .filter(m -> m.role() == Role.USER)
        .findFirst()
        .orElse(messages.getLast())
        .content();
  }

  /** About how many tokens the messages have: four characters each, rounded up. */
  public long promptTokens() {
    long characters =
        messages.stream().mapToLong(m -> m.content().codePointCount(0, m.content().length())).sum();
    return Math.ceilDiv(characters, CHARACTERS_PER_TOKEN);
  }

  /** Which turn of the conversation is to be answered: the number of user messages so far. */
  public int turn() {
    return Math.toIntExact(messages.stream().filter(m -> m.role() == Role.USER).count());
  }
}
