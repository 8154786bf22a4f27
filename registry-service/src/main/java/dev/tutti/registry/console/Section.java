package dev.tutti.registry.console;

import dev.tutti.registry.signin.Role;

/** The parts of the console, in the order of its navigation. */
public enum Section {
  /** What happens, and who is healthy. */
  OVERVIEW("Overview", "/console/overview"),
  /** Language models. */
  MODELS("Models", "/console/models"),
  /** Several members behind one name. */
  ENSEMBLES("Ensembles", "/console/ensembles"),
  /** Why requests were answered as they were. */
  DECISIONS("Decisions", "/console/decisions"),
  /** Recorded outcomes. */
  DATASETS("Datasets", "/console/datasets"),
  /** What was learned from them. */
  ARTIFACTS("Fits", "/console/artifacts"),
  /** Long work of all services. */
  JOBS("Jobs", "/console/jobs"),
  /** Who changed what. */
  AUDIT("Audit log", "/console/audit"),
  /** Who signs in with a password. */
  USERS("Users", "/console/users", Role.ADMINISTRATOR);

  private final String title;
  private final String href;
  private final Role role;

  Section(String title, String href) {
    this(title, href, Role.VIEWER);
  }

  Section(String title, String href, Role role) {
    this.title = title;
    this.href = href;
    this.role = role;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** Who may look at it. */
  Role role() {
    return role;
  }

  /** Its first page. */
  public String href() {
    return href;
  }
}
