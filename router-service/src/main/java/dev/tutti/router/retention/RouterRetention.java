package dev.tutti.router.retention;

import dev.tutti.kit.job.Retention;
import dev.tutti.learning.retention.OwnRules;
import dev.tutti.router.activity.OldActivity;
import dev.tutti.router.decision.OldDecisions;
import dev.tutti.router.feedback.OldFeedback;
import dev.tutti.router.limit.OldLimits;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How long the router keeps what only it writes. */
@ApplicationScoped
class RouterRetention implements OwnRules {

  private final List<Retention.Rule> rules;

  RouterRetention(
      KnownNames names,
      OldFeedback feedback,
      @ConfigProperty(name = "tutti.router.retention.decisions") Optional<Duration> decisions,
      @ConfigProperty(name = "tutti.router.retention.feedback") Optional<Duration> feedbackKept) {
    rules = new ArrayList<>();
    rules.addAll(
        List.of(
            // First what others are kept for.
            new Retention.Rule("feedback", feedbackKept, () -> feedback.sweep(names)),
            new Retention.Rule("decisions", decisions, OldDecisions::new),
            new Retention.Rule("limits", Optional.of(OldLimits.KEPT), OldLimits::new)));
    rules.addAll(OldActivity.rules());
  }

  @Override
  public List<Retention.Rule> rules() {
    return rules;
  }
}
