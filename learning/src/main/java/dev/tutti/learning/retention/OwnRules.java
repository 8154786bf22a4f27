package dev.tutti.learning.retention;

import dev.tutti.kit.job.Retention;
import java.util.List;

/** What a service deletes beside artifacts and jobs, and before them; a bean where there is any. */
@FunctionalInterface
public interface OwnRules {

  /** In their order. */
  List<Retention.Rule> rules();
}
