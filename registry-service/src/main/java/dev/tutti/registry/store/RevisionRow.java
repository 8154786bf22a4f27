package dev.tutti.registry.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** The one row that counts changes. */
@Entity
@Table(name = "registry_revision")
class RevisionRow extends PanacheEntityBase {

  static final short ONLY = 1;

  @Id short id;

  long revision;
}
