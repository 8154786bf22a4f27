package dev.tutti.registry;

import com.fasterxml.jackson.annotation.JsonValue;

/** The two kinds of entries; they share one space of names. */
public enum Kind {
  /** A language model. */
  MODEL("model", Model.class),
  /** Several members behind one name. */
  ENSEMBLE("ensemble", Ensemble.class);

  private final String word;
  private final Class<? extends Entry> type;

  Kind(String word, Class<? extends Entry> type) {
    this.word = word;
    this.type = type;
  }

  /** "model" or "ensemble", in JSON too. */
  @JsonValue
  public String word() {
    return word;
  }

  /** "models" or "ensembles", as in the paths of the REST. */
  public String plural() {
    return word + "s";
  }

  /** Its document's type. */
  public Class<? extends Entry> type() {
    return type;
  }
}
