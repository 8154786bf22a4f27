package dev.tutti.router.answer;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.router.decision.Spend;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** How a request to a name ended, once its events are out. */
sealed interface Result {

  /** What it used, as it is counted and kept. */
  Spend spend();

  /** What a routing ensemble learns from it. */
  Routing routing();

  /**
   * What the routing saw.
   *
   * @param embedding of the query; empty where none was asked for
   * @param failed members that were asked and failed by their own fault
   */
  record Routing(float[] embedding, Set<String> failed) {

    /** Nobody routed. */
    static final Routing NONE = new Routing(new float[0], Set.of());

    /** Keeps its own copy. */
    public Routing {
      failed = Set.copyOf(failed);
    }
  }

  /**
   * There is a whole answer.
   *
   * @param completion with the decision, where an ensemble made one; its event is not out yet
   */
  record Answered(Completion completion, Routing routing) implements Result {

    Answered(Completion completion) {
      this(completion, Routing.NONE);
    }

    @Override
    public Spend spend() {
      return Spend.of(completion.getUsage(), completion.getCostUsd());
    }
  }

  /**
   * There is none, or no whole one.
   *
   * @param why a failure, the caller's leave, or a fault of ours
   * @param spent what was used until then
   * @param decision as far as it was made; empty before
   */
  record Failed(RuntimeException why, Spent spent, Optional<Decision> decision, Routing routing)
      implements Result {

    Failed(RuntimeException why, Spent spent) {
      this(why, spent, Optional.empty(), Routing.NONE);
    }

    @Override
    public Spend spend() {
      return Spend.of(spent.getUsage(), spent.getCostUsd());
    }

    /** Whether it is anybody's fault: where the caller left, nothing failed. */
    boolean isFault() {
      return !(why instanceof CancelledException)
          && !(FailureStatus.fromThrowable(why) instanceof Failure.Cancelled);
    }

    Failed because(RuntimeException other) {
      return new Failed(other, spent, decision, routing);
    }
  }

  /** What is thrown before anybody was asked is a failure that used nothing. */
  static Result of(Supplier<Result> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return new Failed(e, Spent.getDefaultInstance());
    }
  }
}
