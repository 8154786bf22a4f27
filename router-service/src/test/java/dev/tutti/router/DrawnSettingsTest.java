package dev.tutti.router;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.settings.SettingsSchema;
import dev.tutti.kit.testing.DrawnSettings;
import dev.tutti.learning.Artifact;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every router and every fit keeps to, with settings by chance. */
class DrawnSettingsTest {

  private static final int DRAWS = 40;
  private static final int FITS = 6;
  private static final List<Member> MEMBERS =
      List.of(
          Member.newBuilder().setModel("a").build(),
          Member.newBuilder().setModel("b").setWeight(2).build());
  private static final Outcomes SPECIALISTS = Recorded.specialists(4, 80, 1);

  static Stream<String> routers() {
    return RouterCatalog.METHODS.definitions().stream().map(d -> d.name());
  }

  static Stream<String> fits() {
    return FittedMethods.ALL.stream().map(FittedEstimator::name);
  }

  @ParameterizedTest
  @MethodSource("routers")
  void aRouterKeepsItsContract(String name) {
    var definition = RouterCatalog.of(source(name)).find(name).orElseThrow();
    var random = new SplittableRandom(name.hashCode());
    int made = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      Struct settings = DrawnSettings.draw(definition.schema().describe(), random);
      if (FittedMethods.ALL.stream().anyMatch(named(name))) {
        settings =
            settings.toBuilder()
                .putFields("artifact", Value.newBuilder().setStringValue("a").build())
                .build();
      }
      Router router;
      try {
        router = definition.factory().create(settings, MEMBERS);
      } catch (IllegalArgumentException e) {
        // One setting bounds another.
        continue;
      }
      made++;
      assertRoutes(router, settings);
    }
    assertTrue(made >= DRAWS / 2, "Only %d of %d settings were taken.".formatted(made, DRAWS));
  }

  private static void assertRoutes(Router router, Struct settings) {
    for (int size : new int[] {1, 2, 5, 9}) {
      Pool pool =
          new Pool(
              Stream.iterate(0, i -> i < size, i -> i + 1)
                  .map(i -> new Pool.Member("m" + i, 0.5 + i))
                  .toList());
      Route route = route(router, pool, 3);
      String shown = settings.getFieldsMap().toString();
      assertEquals(
          pool.members().stream().map(Pool.Member::name).toList(),
          RouterContract.names(route).stream().sorted().toList(),
          shown);
      double sum = 0;
      for (Route.Choice choice : route.ranked()) {
        assertTrue(choice.propensity() >= 0 && choice.propensity() <= 1 + 1e-12, shown);
        sum += choice.propensity();
      }
      assertEquals(1, sum, 1e-9, shown);
      assertFalse(route.explanation().isBlank(), shown);
      var shuffled = new ArrayList<>(pool.members());
      Collections.shuffle(shuffled, new Random(size));
      assertEquals(route, route(router, new Pool(shuffled), 3), shown);
    }
  }

  private static Route route(Router router, Pool pool, long seed) {
    return router.route(RouterContract.QUERY, pool, new SplittableRandom(seed));
  }

  @ParameterizedTest
  @MethodSource("fits")
  void aFitKeepsItsContract(String name) {
    assertFits(FittedMethods.ALL.stream().filter(named(name)).findFirst().orElseThrow());
  }

  private static <S extends Record> void assertFits(FittedEstimator<S> method) {
    SettingsSchema<S> schema = SettingsSchema.of(method.defaults());
    Outcomes outcomes = method.members().most() == 2 ? Recorded.specialists(2, 80, 1) : SPECIALISTS;
    var random = new SplittableRandom(method.name().hashCode());
    int fitted = 0;
    for (int draw = 0; draw < FITS; draw++) {
      Struct settings = DrawnSettings.draw(schema.describe(), random);
      QualityEstimator estimator;
      try {
        estimator = method.fit(outcomes, schema.parse(settings), new SplittableRandom(draw));
      } catch (IllegalArgumentException e) {
        continue;
      }
      fitted++;
      String shown = settings.getFieldsMap().toString();
      QualityEstimator again =
          method.fit(outcomes, schema.parse(settings), new SplittableRandom(draw));
      QualityEstimator read = method.read(method.parameters(estimator));
      for (int axis = 0; axis < 4; axis++) {
        Query query = Recorded.query(Recorded.near(axis, new SplittableRandom(axis)));
        double[] quality = estimator.estimate(query).quality();
        assertEquals(outcomes.members().size(), quality.length, shown);
        assertTrue(Arrays.stream(quality).allMatch(Double::isFinite), shown);
        assertArrayEquals(quality, again.estimate(query).quality(), 0.0, shown);
        assertArrayEquals(quality, read.estimate(query).quality(), 0.0, shown);
      }
    }
    assertTrue(fitted >= FITS / 2, "Only %d of %d settings were taken.".formatted(fitted, FITS));
  }

  /** One artifact, "a", of a fitted method; members m0, m1, ... */
  private static ArtifactSource<QualityEstimator> source(String name) {
    Optional<LiveArtifact<QualityEstimator>> live =
        FittedMethods.ALL.stream().filter(named(name)).findFirst().map(DrawnSettingsTest::fitted);
    return asked -> asked.equals("a") ? live : Optional.empty();
  }

  private static LiveArtifact<QualityEstimator> fitted(FittedEstimator<?> method) {
    Outcomes outcomes = method.members().most() == 2 ? Recorded.specialists(2, 80, 1) : SPECIALISTS;
    var artifact =
        new Artifact(
            method.name(),
            1,
            FittedMethodContract.fit(method, outcomes, 1).parameters(),
            new Artifact.Provenance(outcomes.fingerprint(), outcomes.size(), "{}", 1));
    return LiveArtifact.of(artifact, FittedMethods.ALL);
  }

  private static Predicate<FittedEstimator<?>> named(String name) {
    return method -> method.name().equals(name);
  }
}
