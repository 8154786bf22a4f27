package dev.tutti.registry.dataset;

import dev.tutti.method.v1.Family;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.v1.RecordedQuery;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/** Tells from recorded outcomes who may write together; see {@link Partners}. All methods block. */
@ApplicationScoped
public class PartnerAdvice {

  private static final Logger LOG = Logger.getLogger(PartnerAdvice.class);

  private static final int PAGE = 1_000;
  private static final int PAGE_BYTES = 8 << 20;

  /** Queries that are looked at where an ensemble is registered, which shall not wait for long. */
  private static final int AT_REGISTRATION = 2_000;

  private final DatasetStore datasets;

  PartnerAdvice(DatasetStore datasets) {
    this.datasets = datasets;
  }

  /** Who may write together, over all queries of a part. */
  public Partners determine(DatasetStore.Part part, Set<String> members, Partners.Rule rule)
      throws SQLException {
    return determine(part, members, rule, Long.MAX_VALUE);
  }

  private Partners determine(
      DatasetStore.Part part, Set<String> members, Partners.Rule rule, long most)
      throws SQLException {
    var count = new Partners.Count(members);
    String after = "";
    DatasetStore.Queries found;
    long read = 0;
    do {
      found = datasets.queries(part, after, (int) Math.min(PAGE, most - read), PAGE_BYTES);
      for (RecordedQuery query : found.queries()) {
        count.add(query);
        after = query.getId();
        read++;
      }
    } while (found.more() && read < most);
    return count.by(rule);
  }

  /**
   * What speaks against an ensemble that writes token by token, by the dataset that changed last
   * among those in which all of its members answered: one sentence a member that is no partner of
   * the best. Empty where nothing does, nothing is known, or the database does not tell.
   */
  public List<String> warnings(Ensemble ensemble) {
    if (ensemble.family() != Family.FAMILY_TOKEN || ensemble.members().size() < 2) {
      return List.of();
    }
    var members = new TreeSet<String>();
    ensemble.members().forEach(m -> members.add(m.as() == null ? m.ref() : m.as()));
    try {
      Optional<String> dataset = datasets.holding(members);
      if (dataset.isEmpty()) {
        return List.of();
      }
      Partners found =
          determine(
              new DatasetStore.Part(dataset.get(), "", Set.of()),
              members,
              Partners.Rule.DEFAULT,
              AT_REGISTRATION);
      return found.members().stream()
          .filter(standing -> !standing.partner())
          .map(standing -> sentence(standing, found, dataset.get()))
          .toList();
    } catch (SQLException e) {
      LOG.infof("Nothing is said about the members of '%s': %s", ensemble.name(), e.getMessage());
      return List.of();
    }
  }

  private static String sentence(Partners.Standing standing, Partners found, String dataset) {
    return String.format(
        Locale.ROOT,
        "%s may not help %s (scores %.3f and %.3f, %d queries of %s): %s",
        standing.member(),
        found.members().getFirst().member(),
        standing.score(),
        found.members().getFirst().score(),
        found.queries(),
        dataset,
        standing.reason());
  }
}
