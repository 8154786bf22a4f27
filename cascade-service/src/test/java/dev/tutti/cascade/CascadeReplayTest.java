package dev.tutti.cascade;

import dev.tutti.cascade.method.agent.DerReplay;
import dev.tutti.cascade.method.agreement.ConsistencyReplay;
import dev.tutti.cascade.method.agreement.MixtureOfThoughtReplay;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingReplay;
import dev.tutti.cascade.method.confidence.ModelCascadingReplay;
import dev.tutti.cascade.method.deferral.RecordedDeferralReplay;
import dev.tutti.cascade.method.deferral.RouteLlmReplay;
import dev.tutti.cascade.method.deferral.StarterDeferralReplay;
import dev.tutti.cascade.method.student.StarterStreamReplay;
import dev.tutti.cascade.method.verification.StarterAgreementReplay;
import dev.tutti.cascade.replay.RoutingReplay;
import dev.tutti.cascade.replay.StarterCascades;
import dev.tutti.kit.testing.ReplayReport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Recorded answers through the methods of this service. */
@Tag("replay")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CascadeReplayTest {

  private static final ReplayReport REPORT = new ReplayReport();

  @AfterAll
  static void write() {
    REPORT.write();
  }

  @Test
  @Order(1)
  void modelCascading() {
    ModelCascadingReplay.run(REPORT);
  }

  @Test
  @Order(2)
  void consistency() {
    ConsistencyReplay.run(REPORT);
  }

  @Test
  @Order(3)
  void calibratedCascading() {
    CalibratedCascadingReplay.run(REPORT);
  }

  @Test
  @Order(4)
  void mixtureOfThought() {
    MixtureOfThoughtReplay.run(REPORT);
  }

  @Test
  @Order(7)
  void routing() {
    RoutingReplay.run(REPORT);
  }

  @Test
  @Order(10)
  void starterDeferral() {
    StarterDeferralReplay.run(StarterCascades.require(), StarterCascades.requireChains(), REPORT);
  }

  @Test
  @Order(11)
  void starterStreams() {
    StarterStreamReplay.run(StarterCascades.require(), REPORT);
  }

  @Test
  @Order(5)
  void starterAgreement() {
    StarterAgreementReplay.run(StarterCascades.require(), REPORT);
  }

  @Test
  @Order(12)
  void starterDer() {
    DerReplay.starter(REPORT, StarterCascades.require());
  }

  @Test
  @Order(13)
  void recordedDeferral() {
    RecordedDeferralReplay.run(REPORT);
  }

  @Test
  @Order(14)
  void routeLlm() {
    RouteLlmReplay.run(REPORT);
  }
}
