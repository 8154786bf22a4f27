package dev.tutti.cascade.cache;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.type.v1.Member;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a request is to the cache: whose it is, and what of it an answer depends on.
 *
 * @param team whose entries it sees, and nobody else does
 * @param ensemble that keeps the answer
 * @param scope SHA-256 of all but the question: team, recipe with its revision and its members'
 *     versions, what its method was fitted to, the turns before, sampling, what of the wire form
 *     nobody interprets
 * @param exact SHA-256 of scope and question
 * @param question what the user said last, in NFC, with plain line ends and nothing around it
 * @param byMeaning whether another question of the same scope may mean the same: not where the last
 *     turn is not the user's, where the wire form says more, or where it is too long to embed
 */
public record CacheKey(
    String team,
    String ensemble,
    ByteString scope,
    ByteString exact,
    String question,
    boolean byMeaning) {

  /** The team of everybody, as long as nobody has a key. */
  public static final String NO_TEAM = "none";

  /** Longest question that is kept, characters. */
  private static final int LONGEST = 16_384;

  /** Longest that is embedded, so that nothing of it is left out. */
  private static final int LONGEST_EMBEDDED = 2_000;

  private static final Pattern LINE_END = Pattern.compile("\\R");

  /**
   * The key of a request.
   *
   * @param standsOn what the method was fitted to, as name and version; may be empty
   * @param draws whether the method draws answers by itself
   * @return empty where its answer is neither kept nor given: log-probabilities are wanted, nobody
   *     asked anything, the question is too long or about what changes with time, the recipe is not
   *     a registered one, some member is an ensemble (which changes without the recipe), or (unless
   *     drawn answers are kept) some member is drawn from at random
   */
  public static Optional<CacheKey> of(
      RecipeRequest request, String team, String standsOn, boolean draws, CacheSettings settings) {
    // What is combined takes the square of its length to normalise.
    String question = request.question().length() > LONGEST ? "" : normal(request.question());
    boolean drawn = isDrawn(request, draws);
    if (request.recipe().getVersion() <= 0
        || request.sampling().getLogprobs()
        || question.isEmpty()
        || question.length() > LONGEST
        || Specifics.changesWithTime(question)
        || request.members().stream().anyMatch(Member::hasEnsemble)
        || drawn && !settings.cacheDrawn()) {
      return Optional.empty();
    }
    var messages = request.messages();
    boolean asked = messages.getLast().getRole() == Role.ROLE_USER;
    boolean wire = !request.request().getWire().getUninterpreted().isEmpty();
    var scope = new Digest();
    scope.add(team).add(standsOn).add(request.recipe());
    Sampling sampling = request.sampling();
    // Nothing is drawn: the seed changes nothing.
    scope.add(drawn ? sampling : sampling.toBuilder().clearSeed().build());
    var before = asked ? messages.subList(0, messages.size() - 1) : messages;
    before.forEach(scope::add);
    if (wire) {
      scope.add(request.request().getWire());
    }
    ByteString whole = scope.end();
    return Optional.of(
        new CacheKey(
            team,
            request.recipe().getEnsemble(),
            whole,
            new Digest().add(whole.toByteArray()).add(question).end(),
            question,
            asked && !wire && question.length() <= LONGEST_EMBEDDED));
  }

  /** The exact key, hexadecimal. */
  public String exactHex() {
    return HexFormat.of().formatHex(exact.toByteArray());
  }

  private static String normal(String text) {
    return LINE_END
        .matcher(Normalizer.normalize(text, Normalizer.Form.NFC))
        .replaceAll("\n")
        .strip();
  }

  /**
   * Whether some member's temperature is above 0, its own or else the request's (1 where none is
   * said) or the method's.
   */
  private static boolean isDrawn(RecipeRequest request, boolean draws) {
    Sampling sampling = request.sampling();
    double asked = draws || !sampling.hasTemperature() ? 1 : sampling.getTemperature();
    return request.members().stream()
        .map(member -> member.getSampling())
        .anyMatch(own -> (own.hasTemperature() ? own.getTemperature() : asked) > 0);
  }

  /** Parts one after the other, each with its length, so that none runs into the next. */
  private static final class Digest {

    private final MessageDigest digest;

    Digest() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java has SHA-256", e);
      }
    }

    Digest add(byte[] part) {
      digest.update((part.length + ":").getBytes(StandardCharsets.US_ASCII));
      digest.update(part);
      return this;
    }

    Digest add(String part) {
      return add(part.getBytes(StandardCharsets.UTF_8));
    }

    /** Maps have no order of their own. */
    Digest add(Message part) {
      var bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.useDeterministicSerialization();
      try {
        part.writeTo(out);
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return add(bytes.toByteArray());
    }

    ByteString end() {
      return ByteString.copyFrom(digest.digest());
    }
  }
}
