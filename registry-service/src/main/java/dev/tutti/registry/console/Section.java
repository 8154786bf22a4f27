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
  /** Some of both asked the same, side by side. */
  PLAYGROUND("Playground", "/console/playground"),
  /** Why requests were answered as they were. */
  DECISIONS("Decisions", "/console/decisions"),
  /** How members compare by feedback. */
  LEADERBOARD("Leaderboard", "/console/leaderboard"),
  /** Recorded outcomes. */
  DATASETS("Datasets", "/console/datasets"),
  /** What was learned from them. */
  ARTIFACTS("Fits", "/console/artifacts"),
  /** Long work of all services. */
  JOBS("Jobs", "/console/jobs"),
  /** Who may call, and for what. */
  KEYS("Teams and keys", "/console/teams", Role.ADMINISTRATOR),
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
