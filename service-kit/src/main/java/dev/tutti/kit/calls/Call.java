package dev.tutti.kit.calls;

import java.util.List;

/**
 * What a method wants of a member. A method is plain Java and says members by their place in the
 * recipe, from 0.
 */
public sealed interface Call {

  /** Place of nobody in the recipe: the platform's own sentence embedder. */
  int PLATFORM = -1;

  /** Most samples of one call, and most texts of one. */
  int MOST = 64;

  /** Place of the member in the recipe. */
  int member();

  /** What for, where it is not for an answer to the query: "judge", "aggregate"; else empty. */
  String purpose();

  /** How many answers are wanted, each an answer by itself. */
  default int samples() {
    return 1;
  }

  /**
   * To write.
   *
   * @param prompt what to answer
   * @param samples 1 to {@value #MOST}; each has a seed of its own, where the request has one
   * @param change in what its sampling differs from the request's
   */
  record Generate(int member, Prompt prompt, int samples, SamplingChange change, String purpose)
      implements Call {

    /** Checks the number of samples. */
    public Generate {
      require("samples", samples);
    }

    /** One answer to the request as it was asked. */
    public static Generate asAsked(int member) {
      return new Generate(member, Prompt.AS_ASKED, 1, SamplingChange.NONE, "");
    }
  }

  /**
   * To say how likely given texts are to it, or what reward it gives them.
   *
   * @param context what goes before each text
   * @param texts 1 to {@value #MOST}
   */
  record Score(int member, Prompt context, List<String> texts, String purpose) implements Call {

    /** Keeps its own copy, and checks its size. */
    public Score {
      texts = List.copyOf(texts);
      require("texts", texts.size());
    }
  }

  /**
   * To embed texts.
   *
   * @param member or {@link #PLATFORM}
   * @param texts 1 to 2,048, none empty; long ones are cut in their middle
   */
  record Embed(int member, List<String> texts, String purpose) implements Call {

    /** Keeps its own copy, and checks that there are texts. */
    public Embed {
      texts = List.copyOf(texts);
      if (texts.isEmpty()) {
        throw new IllegalArgumentException("There are no texts to embed; 1 to 2048 are allowed.");
      }
    }
  }

  private static void require(String what, int number) {
    if (number < 1 || number > MOST) {
      throw new IllegalArgumentException(
          "A call has %d %s; 1 to %d are allowed.".formatted(number, what, MOST));
    }
  }
}
