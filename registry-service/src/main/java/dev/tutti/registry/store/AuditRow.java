package dev.tutti.registry.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** Who changed what. */
@Entity
@Immutable
@Table(name = "audit_log")
class AuditRow extends PanacheEntityBase {

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  Long number;

  long revision;

  Instant at;

  String author;

  String action;

  String kind;

  String name;

  String service;

  @Column(name = "version_before")
  Long versionBefore;

  @Column(name = "version_after")
  Long versionAfter;

  @Column(name = "trace_id")
  String traceId;
}
