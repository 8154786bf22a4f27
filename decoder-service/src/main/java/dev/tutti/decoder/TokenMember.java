package dev.tutti.decoder;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A member of a token ensemble, as a method sees it.
 *
 * @param name its name in the registry
 * @param weight its benchmark score or prior weight; finite and above 0
 * @param tokenizer its text and its tokens
 * @param outputEmbeddings as {@link LanguageModel#outputEmbeddings}; read when they are asked for
 * @param hiddenWidth as {@link LanguageModel#hiddenWidth}
 * @param role that the recipe gives it; empty where the method's members are alike
 */
public record TokenMember(
    String name,
    double weight,
    Tokenizer tokenizer,
    Supplier<Optional<float[][]>> outputEmbeddings,
    int hiddenWidth,
    String role) {

  private static final Tokenizer UNKNOWN =
      new Tokenizer() {
        @Override
        public int size() {
          return 0;
        }

        @Override
        public byte[] bytes(int token) {
          throw new IndexOutOfBoundsException(token);
        }

        @Override
        public boolean isSpecial(int token) {
          return false;
        }

        @Override
        public boolean isEnd(int token) {
          return false;
        }

        @Override
        public int[] encode(String text) {
          return new int[0];
        }
      };

  /** A model that runs here. */
  public static TokenMember of(LanguageModel model, double weight) {
    return new TokenMember(
        model.name(), weight, model.tokenizer(), model::outputEmbeddings, model.hiddenWidth(), "");
  }

  /** A member that tells no output embeddings, and no hidden state that is known before. */
  public TokenMember(String name, double weight, Tokenizer tokenizer) {
    this(name, weight, tokenizer, Optional::empty, 0, "");
  }

  /** A member behind an endpoint: nothing is known of its tokens, so its vocabulary is empty. */
  public static TokenMember behindEndpoint(String name, double weight) {
    return new TokenMember(name, weight, UNKNOWN);
  }

  /** The same member in a role. */
  public TokenMember as(String its) {
    return new TokenMember(name, weight, tokenizer, outputEmbeddings, hiddenWidth, its);
  }

  /** Refuses weights that are not above 0. */
  public TokenMember {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(outputEmbeddings, "outputEmbeddings");
    Objects.requireNonNull(role, "role");
    if (!(weight > 0 && Double.isFinite(weight))) {
      throw new IllegalArgumentException(
          "weight of %s is %s; it must be above 0 and finite.".formatted(name, weight));
    }
  }
}
