package dev.tutti.registry.store;

import dev.tutti.registry.Kind;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Table;
import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.Immutable;

/** One version of a model or an ensemble, for ever. */
@Entity
@Immutable
@Table(name = "entry_version")
class EntryVersionRow extends PanacheEntityBase {

  /** Which version of which entry. */
  @Embeddable
  record Key(String name, long version) {}

  @EmbeddedId Key key;

  @Enumerated(EnumType.STRING)
  Kind kind;

  @Column(columnDefinition = "jsonb")
  @ColumnTransformer(write = "cast(? as jsonb)")
  String document;
}
