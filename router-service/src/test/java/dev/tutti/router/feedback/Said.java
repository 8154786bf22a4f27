package dev.tutti.router.feedback;

import dev.tutti.router.Observing;
import dev.tutti.router.method.bandit.MetaLlmRouter;
import dev.tutti.router.method.bandit.PickLlmRouter;
import dev.tutti.router.method.elo.EagleRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** Feedback on ensembles that learn, and on one that does not. */
final class Said {

  /** So many that a bandit's numbers are not written at every fold. */
  static final int DIMENSIONS = 48;

  static final List<String> MEMBERS = List.of("m0", "m1", "m2", "m3", "m4");

  private Said() {}

  static List<Learner> learners() {
    return List.of(
        new Learner("eagle", 1, "eagle", new EagleRouter(new EagleRouter.Settings())),
        new Learner(
            "metallm",
            1,
            "metallm",
            new MetaLlmRouter(new MetaLlmRouter.Settings(0.3, 1, 0.99, 0.1, 0.01, 0, 0))),
        learner("pickllm-q", PickLlmRouter.Learner.Q_LEARNING),
        learner("pickllm-lri", PickLlmRouter.Learner.LINEAR_REWARD_INACTION));
  }

  private static Learner learner(String name, PickLlmRouter.Learner learner) {
    return new Learner(
        name,
        1,
        "pickllm",
        new PickLlmRouter(
            new PickLlmRouter.Settings(
                learner, PickLlmRouter.RewardShape.SUM, 0.1, 0.1, 1, 0.2, 0.1, 0.01, 60)));
  }

  /** Nobody has learned. */
  static Observing blank(String ensemble) {
    return learners().stream()
        .filter(l -> l.ensemble().equals(ensemble))
        .findFirst()
        .orElseThrow()
        .observing();
  }

  static List<FeedbackRow> rows(int count, long seed) {
    var random = new SplittableRandom(seed);
    List<String> ensembles = List.of("eagle", "metallm", "pickllm-q", "pickllm-lri", "blend");
    var rows = new ArrayList<FeedbackRow>();
    for (int i = 0; i < count; i++) {
      rows.add(row("k" + seed + "-" + i, ensembles.get(random.nextInt(ensembles.size())), random));
    }
    return rows;
  }

  static FeedbackRow row(String key, String ensemble, SplittableRandom random) {
    var embedding = new float[random.nextInt(20) == 0 ? 0 : DIMENSIONS];
    double square = 0;
    for (int i = 0; i < embedding.length; i++) {
      embedding[i] = (float) random.nextGaussian();
      square += (double) embedding[i] * embedding[i];
    }
    for (int i = 0; i < embedding.length; i++) {
      embedding[i] /= (float) Math.sqrt(square);
    }
    var kind =
        switch (random.nextInt(10)) {
          case 0 -> FeedbackRow.Kind.FAILED;
          case 1, 2 -> FeedbackRow.Kind.COMPARISON;
          case 3, 4, 5 -> FeedbackRow.Kind.CORRECT;
          default -> FeedbackRow.Kind.RATING;
        };
    int member = random.nextInt(MEMBERS.size());
    int other = (member + 1 + random.nextInt(MEMBERS.size() - 1)) % MEMBERS.size();
    return new FeedbackRow(
        key,
        key.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        "d-" + key,
        ensemble,
        1,
        ensemble,
        "none",
        kind,
        MEMBERS.get(member),
        kind == FeedbackRow.Kind.COMPARISON ? MEMBERS.get(other) : "",
        switch (kind) {
          case RATING -> random.nextDouble();
          case CORRECT -> random.nextInt(2);
          case COMPARISON -> random.nextBoolean() ? 1 : 0.5;
          case FAILED -> 0;
        },
        "person",
        "",
        "",
        MEMBERS.subList(0, member + 1),
        OptionalDouble.of(random.nextDouble() * 0.01),
        random.nextBoolean() ? OptionalDouble.of(random.nextDouble()) : OptionalDouble.empty(),
        embedding);
  }
}
