package dev.tutti.registry.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.Author;
import dev.tutti.registry.Change;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.RegistryState;
import dev.tutti.registry.v1.Lifecycle;
import io.quarkus.hibernate.orm.panache.Panache;
import io.quarkus.panache.common.Page;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/** What is registered, in PostgreSQL. Every method is one transaction; all block. */
@ApplicationScoped
@Transactional
public class RegistryStore {

  private final ObjectMapper json;

  RegistryStore(ObjectMapper json) {
    this.json = json;
  }

  /** Everything, at one revision. */
  public RegistryState load() {
    // All that follows sees the database as it is at the next statement.
    Panache.getEntityManager()
        .createNativeQuery("set transaction isolation level repeatable read, read only")
        .executeUpdate();
    var entries = new TreeMap<String, Entry>();
    for (EntryRow row : EntryRow.<EntryRow>listAll()) {
      entries.put(row.name, read(row.kind, row.document));
    }
    return new RegistryState(revision(), entries);
  }

  /** The newest revision. */
  public long revision() {
    return RevisionRow.<RevisionRow>findById(RevisionRow.ONLY).revision;
  }

  /**
   * Stores a change if nothing changed since it was planned.
   *
   * @param planned revision that it was planned against
   * @return whether it was stored; nothing was where it was not
   */
  public boolean commit(long planned, Change change, Author author) {
    // Locks the row until the end of the transaction: changes follow one another.
    int first = RevisionRow.update("revision = revision + 1 where revision = ?1", planned);
    if (first == 0) {
      return false;
    }
    if (change.after() == null) {
      EntryRow.deleteById(change.before().name());
    } else {
      put(change.after());
    }
    record(planned + 1, change, author);
    return true;
  }

  /** Notes what a service did that was asked to. What is registered stays as it is. */
  public void record(ServiceChange change, Author author) {
    var row = new AuditRow();
    row.revision = revision();
    row.at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    row.author = author.name();
    row.action = change.action().name();
    row.kind = change.kind().name();
    row.name = change.name();
    row.service = change.service();
    row.versionAfter = change.version();
    row.traceId = author.traceId();
    row.persist();
  }

  /** The greatest version that an entry of this name ever had; 0 where there never was one. */
  public long lastVersion(String name) {
    return EntryVersionRow.find(
            "select max(key.version) from EntryVersionRow where key.name = ?1", name)
        .project(Long.class)
        .firstResultOptional()
        .orElse(0L);
  }

  /**
   * The own name of what is called so, or has it as an alias; of an alias, what is not retired
   * comes first. Empty where nothing is called so.
   */
  public Optional<String> ownName(String name) {
    return Panache.getSession()
        .createNativeQuery(
            """
            select name from {h-schema}entry
            where name = :name or document -> 'aliases' @> to_jsonb(cast(:name as text))
            order by name = :name desc, lifecycle = 'LIFECYCLE_RETIRED', name""",
            String.class)
        .setParameter("name", name)
        .setMaxResults(1)
        .getResultStream()
        .findFirst();
  }

  /** The newest version of one entry. */
  public Optional<Entry> find(Kind kind, String name) {
    return EntryRow.<EntryRow>find("name = ?1 and kind = ?2", name, kind)
        .firstResultOptional()
        .map(row -> read(kind, row.document));
  }

  /**
   * Entries by name.
   *
   * @param filter which
   * @param after only names beyond this one; empty for all
   * @param limit at most so many
   */
  public List<Entry> list(Kind kind, EntryFilter filter, Optional<String> after, int limit) {
    return Panache.getSession()
        .createNativeQuery(EntryFilter.SELECT, EntryRow.class)
        .setParameter("kind", kind.name())
        .setParameter("after", after.orElse(""))
        .setParameter("lifecycle", filter.lifecycle().map(Lifecycle::name).orElse(""))
        .setParameter("text", filter.text())
        .setParameter("method", filter.method())
        .setParameter("capability", filter.capability().map(ContractEnums::word).orElse(""))
        .setParameter("member", filter.member())
        .setMaxResults(limit)
        .getResultStream()
        .map(row -> read(row.kind, row.document))
        .toList();
  }

  /**
   * Versions of an entry, newest first; of deleted drafts too.
   *
   * @param below only those before this version
   * @param limit at most so many
   */
  public List<Entry> versions(Kind kind, String name, long below, int limit) {
    return EntryVersionRow.<EntryVersionRow>find(
            "kind = ?1 and key.name = ?2 and key.version < ?3 order by key.version desc",
            kind,
            name,
            below)
        .page(Page.ofSize(limit))
        .stream()
        .map(row -> read(row.kind, row.document))
        .toList();
  }

  /** One version of an entry. */
  public Optional<Entry> version(Kind kind, String name, long version) {
    return EntryVersionRow.<EntryVersionRow>find(
            "kind = ?1 and key = ?2", kind, new EntryVersionRow.Key(name, version))
        .firstResultOptional()
        .map(row -> read(kind, row.document));
  }

  /**
   * Changes, newest first.
   *
   * @param filter which
   * @param below only those before this number
   * @param limit at most so many
   */
  public List<AuditEntry> audit(AuditFilter filter, long below, int limit) {
    return AuditRow.<AuditRow>find(
            "number < ?1 and (?2 = '' or name = ?2 or name = ?3) and (?4 = '' or author = ?4)"
                + " and at >= ?5 and at < ?6 order by number desc",
            below,
            filter.name(),
            filter.name().isEmpty() ? "" : ownName(filter.name()).orElse(filter.name()),
            filter.user(),
            filter.from(),
            filter.to())
        .page(Page.ofSize(limit))
        .stream()
        .map(
            row ->
                new AuditEntry(
                    row.number,
                    row.revision,
                    row.at,
                    row.author,
                    row.action.toLowerCase(Locale.ROOT),
                    row.kind.toLowerCase(Locale.ROOT),
                    row.name,
                    row.service,
                    row.versionBefore,
                    row.versionAfter,
                    document(row, row.versionBefore),
                    document(row, row.versionAfter),
                    row.traceId))
        .toList();
  }

  private Entry document(AuditRow change, Long version) {
    // Versions of what other services keep are not here.
    if (version == null || change.service != null) {
      return null;
    }
    EntryVersionRow row = EntryVersionRow.findById(new EntryVersionRow.Key(change.name, version));
    return read(row.kind, row.document);
  }

  private void put(Entry entry) {
    String document = write(entry);
    EntryRow row = EntryRow.findById(entry.name());
    boolean fresh = row == null;
    if (fresh) {
      row = new EntryRow();
      row.name = entry.name();
      row.kind = entry.kind();
    }
    row.version = entry.version();
    row.lifecycle = entry.lifecycle().name();
    row.document = document;
    if (fresh) {
      row.persist();
    }
    var version = new EntryVersionRow();
    version.key = new EntryVersionRow.Key(entry.name(), entry.version());
    version.kind = entry.kind();
    version.document = document;
    version.persist();
  }

  private static void record(long revision, Change change, Author author) {
    var row = new AuditRow();
    row.revision = revision;
    row.at = change.after() == null ? Instant.now() : change.after().updatedAt();
    row.author = author.name();
    row.action = change.action().name();
    row.kind = change.subject().kind().name();
    row.name = change.subject().name();
    row.versionBefore = change.before() == null ? null : change.before().version();
    row.versionAfter = change.after() == null ? null : change.after().version();
    row.traceId = author.traceId();
    row.persist();
  }

  private Entry read(Kind kind, String document) {
    try {
      // During a rolling update another replica may have stored a field that this one does not
      // know.
      return json.readerFor(kind.type())
          .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .readValue(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A stored " + kind.word() + " cannot be read", e);
    }
  }

  private String write(Entry entry) {
    try {
      return json.writeValueAsString(entry);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("'" + entry.name() + "' cannot be written", e);
    }
  }
}
