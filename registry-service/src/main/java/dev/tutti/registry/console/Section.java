package dev.tutti.registry.console;

/** The parts of the console, in the order of its navigation. */
public enum Section {
  /** Language models. */
  MODELS("Models", "/console/models"),
  /** Several members behind one name. */
  ENSEMBLES("Ensembles", "/console/ensembles"),
  /** Recorded outcomes. */
  DATASETS("Datasets", "/console/datasets"),
  /** What was learned from them. */
  ARTIFACTS("Fits", "/console/artifacts"),
  /** Long work of all services. */
  JOBS("Jobs", "/console/jobs"),
  /** Who may call, and for what. */
  KEYS("Teams and keys", "/console/teams"),
  /** Who changed what. */
  AUDIT("Audit log", "/console/audit");

  private final String title;
  private final String href;

  Section(String title, String href) {
    this.title = title;
    this.href = href;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** Its first page. */
  public String href() {
    return href;
  }
}
