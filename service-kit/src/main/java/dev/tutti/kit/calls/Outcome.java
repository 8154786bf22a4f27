package dev.tutti.kit.calls;

import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.grpc.Failure;
import java.util.List;

/** How a call ended. */
public sealed interface Outcome {

  /** Which answer it is. */
  Asked asked();

  /** What it used, as far as this is known. */
  Spent spent();

  /** How long it took, seconds. */
  double seconds();

  /** As a method sees it. */
  Stage stage();

  /**
   * It answered.
   *
   * @param answer the whole answer
   * @param live whether its text was passed on while it was written
   */
  record Answered(Asked asked, MemberAnswer answer, double seconds, boolean live)
      implements Outcome {
    @Override
    public Spent spent() {
      return answer.spent();
    }

    @Override
    public Stage stage() {
      return new Episode.Answered(
          asked,
          answer.completion().getText(),
          ToolSpelling.of(answer.completion().getToolCallsList()),
          answer.ran(),
          answer.signals());
    }
  }

  /** It scored texts. */
  record Scored(Asked asked, List<TextScore> scores, Spent spent, double seconds)
      implements Outcome {
    @Override
    public Stage stage() {
      return new Episode.Scored(asked, scores);
    }
  }

  /** It embedded texts. */
  record Embedded(Asked asked, List<float[]> vectors, Spent spent, double seconds)
      implements Outcome {
    @Override
    public Stage stage() {
      return new Episode.Embedded(asked, vectors);
    }
  }

  /** It failed. */
  record Failed(Asked asked, Failure failure, Spent spent, double seconds) implements Outcome {
    @Override
    public Stage stage() {
      return new Episode.Failed(asked);
    }
  }

  /** It was cancelled, as nobody needed to wait for it. */
  record Unneeded(Asked asked, Spent spent, double seconds) implements Outcome {
    @Override
    public Stage stage() {
      return new Episode.Failed(asked);
    }
  }
}
