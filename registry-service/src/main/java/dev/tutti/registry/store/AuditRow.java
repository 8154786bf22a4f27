package dev.tutti.registry.store;

import dev.tutti.registry.Change;
import dev.tutti.registry.Kind;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** Who changed what. */
@Entity
@Immutable
@Table(name = "audit_log")
class AuditRow extends PanacheEntityBase {

  @Id long revision;

  Instant at;

  String author;

  @Enumerated(EnumType.STRING)
  Change.Action action;

  @Enumerated(EnumType.STRING)
  Kind kind;

  String name;

  @Column(name = "version_before")
  Long versionBefore;

  @Column(name = "version_after")
  Long versionAfter;

  @Column(name = "trace_id")
  String traceId;
}
