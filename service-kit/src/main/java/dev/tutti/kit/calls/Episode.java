package dev.tutti.kit.calls;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * A request so far: who could be asked, and what asking gave.
 *
 * @param query what was asked
 * @param members of the ensemble, in the order of the recipe; at least one
 * @param stages what was asked and how it ended, in the order of calls and samples
 * @param usdLeft what the request may still cost, US dollars; empty where it is unlimited
 * @param exhausted whether nobody can be asked any more, as the budget forbids it
 */
public record Episode(
    Query query,
    List<MemberCard> members,
    List<Stage> stages,
    OptionalDouble usdLeft,
    boolean exhausted) {

  /** How asking ended. */
  public sealed interface Stage {

    /** Which answer it is. */
    Asked asked();
  }

  /**
   * The member answered.
   *
   * @param text as it was written; may be empty
   * @param tools the tools that the answer wants to be called, in one spelling; empty where it
   *     wants none
   * @param ran what running it gave; empty where nobody ran it
   * @param signals what the answer says about itself
   */
  public record Answered(
      Asked asked, String text, Optional<String> tools, Optional<Ran> ran, AnswerSignals signals)
      implements Stage {

    /** One that nobody ran. */
    public Answered(Asked asked, String text, Optional<String> tools, AnswerSignals signals) {
      this(asked, text, tools, Optional.empty(), signals);
    }

    /** A text. */
    public Answered(Asked asked, String text, AnswerSignals signals) {
      this(asked, text, Optional.empty(), signals);
    }
  }

  /**
   * The member scored texts.
   *
   * @param scores one a text
   */
  public record Scored(Asked asked, List<TextScore> scores) implements Stage {

    /** Keeps its own copy. */
    public Scored {
      scores = List.copyOf(scores);
    }
  }

  /**
   * The log-likelihood of a text, or its reward.
   *
   * @param sum over its tokens, nats where it is a log-likelihood
   * @param tokens by token
   */
  public record TextScore(double sum, List<Double> tokens) {

    /** Keeps its own copy. */
    public TextScore {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * Texts were embedded.
   *
   * @param vectors one a text, of unit length
   */
  public record Embedded(Asked asked, List<float[]> vectors) implements Stage {

    /** Keeps its own list. */
    public Embedded {
      vectors = List.copyOf(vectors);
    }
  }

  /** The member failed, or was not waited for: a rejected answer. */
  public record Failed(Asked asked) implements Stage {}

  /** Checks that every stage is a member's. */
  public Episode {
    members = List.copyOf(members);
    stages = List.copyOf(stages);
    if (members.isEmpty()) {
      throw new IllegalArgumentException("There are no members; at least one is needed.");
    }
    for (Stage stage : stages) {
      int member = stage.asked().member();
      if (member < Call.PLATFORM || member >= members.size()) {
        throw new IllegalArgumentException(
            "Member %d was asked; there are %d.".formatted(member, members.size()));
      }
    }
  }

  /** Whether what is left pays an answer of this member to the request as it was asked. */
  public boolean pays(int member) {
    return usdLeft.isEmpty() || members.get(member).expectedUsd() <= usdLeft.getAsDouble();
  }

  /** Number of rounds that were asked. */
  public int rounds() {
    return stages.stream().mapToInt(stage -> stage.asked().round()).max().orElse(0);
  }

  /** Places of the stages of one round that answered, in their order. */
  public List<Integer> answered(int round) {
    return IntStream.range(0, stages.size())
        .filter(i -> stages.get(i) instanceof Answered && stages.get(i).asked().round() == round)
        .boxed()
        .toList();
  }

  /** The same, when nobody can be asked any more. */
  public Episode exhaust() {
    return new Episode(query, members, stages, usdLeft, true);
  }
}
