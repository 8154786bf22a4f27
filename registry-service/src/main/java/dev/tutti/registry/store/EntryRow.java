package dev.tutti.registry.store;

import dev.tutti.registry.Kind;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.ColumnTransformer;

/** The newest version of a model or an ensemble; what queries need stands beside the document. */
@Entity
@Table(name = "entry")
class EntryRow extends PanacheEntityBase {

  @Id String name;

  @Enumerated(EnumType.STRING)
  Kind kind;

  long version;

  String lifecycle;

  @Column(columnDefinition = "jsonb")
  @ColumnTransformer(write = "cast(? as jsonb)")
  String document;
}
