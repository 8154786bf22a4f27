package dev.tutti.registry.key;

import dev.tutti.registry.Author;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The table of teams. All methods block, and throw {@link RefusedException}. */
@ApplicationScoped
public class TeamStore {

  private static final String SELECT = "select name, description, created_at from registry.team ";
  private static final String KIND = "TEAM";

  private final DataSource database;

  TeamStore(DataSource database) {
    this.database = database;
  }

  /**
   * Teams by name.
   *
   * @param after only names beyond this one; empty for all
   * @param limit at most so many
   */
  public List<Team> list(String after, int limit) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(SELECT + "where name > ? order by name limit ?")) {
      select.setString(1, after);
      select.setInt(2, limit);
      var found = new ArrayList<Team>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(team(rows));
        }
      }
      return found;
    }
  }

  /** One. */
  public Team find(String name) throws SQLException {
    if (Team.isName(name)) {
      try (Connection connection = database.getConnection();
          PreparedStatement select = connection.prepareStatement(SELECT + "where name = ?")) {
        select.setString(1, name);
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            return team(row);
          }
        }
      }
    }
    throw notFound(name);
  }

  /**
   * Refuses what never was a team of which something may be left: keys stay, also those of a team
   * that is gone.
   *
   * @throws RefusedException {@link Refusal.NotFound}
   */
  public void requireKnown(String name) throws SQLException {
    if (Team.isName(name)) {
      try (Connection connection = database.getConnection()) {
        if (hasKeys(connection, name)) {
          return;
        }
      }
    }
    find(name);
  }

  /** Whether a team of this name has keys, or had some. */
  private static boolean hasKeys(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select 1 from registry.api_key where team = ? limit 1")) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    }
  }

  /**
   * Makes one.
   *
   * @throws RefusedException {@link Refusal.Taken} where there is one of this name, or was one that
   *     had keys; {@link Refusal.Invalid}
   */
  public Team create(Team wanted, Author author) throws SQLException {
    KeyChecks.require(wanted);
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            if (!insert(connection, wanted.name(), wanted.description(), author)) {
              throw new Refusal.Taken("There is a team '%s' already.".formatted(wanted.name()))
                  .exception();
            }
            if (hasKeys(connection, wanted.name())) {
              // Its spend, and what a request under way may have left, would be the other's.
              throw new Refusal.Taken(
                      "There was a team '%s', and what it spent is kept under its name; choose another one."
                          .formatted(wanted.name()))
                  .exception();
            }
            return null;
          });
    }
    return find(wanted.name());
  }

  /** Makes one where there is none of its name; returns whether there was none. */
  static boolean insert(Connection connection, String name, String description, Author author)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.team (name, description, created_at)"
                + " values (?, ?, date_trunc('milliseconds', now())) on conflict (name) do nothing")) {
      insert.setString(1, name);
      insert.setString(2, description == null ? "" : description);
      if (insert.executeUpdate() == 0) {
        return false;
      }
    }
    AuditInsert.record(connection, "CREATE", KIND, name, author);
    return true;
  }

  /**
   * Describes one otherwise.
   *
   * @param description null for none
   */
  public Team describe(String name, String description, Author author) throws SQLException {
    KeyChecks.require(new Team(find(name).name(), description, null));
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            try (PreparedStatement update =
                connection.prepareStatement(
                    "update registry.team set description = ? where name = ?")) {
              update.setString(1, description == null ? "" : description);
              update.setString(2, name);
              if (update.executeUpdate() == 0) {
                throw notFound(name);
              }
            }
            AuditInsert.record(connection, "REPLACE", KIND, name, author);
            return null;
          });
    }
    return find(name);
  }

  /**
   * Refuses to throw one away now.
   *
   * @throws RefusedException {@link Refusal.NotFound}, {@link Refusal.InUse} while it has keys
   */
  public void requireDeletable(String name) throws SQLException {
    find(name);
    try (Connection connection = database.getConnection()) {
      requireKeyless(connection, name);
    }
  }

  /** Throws one away, once all of its keys are revoked. */
  public void delete(String name, Author author) throws SQLException {
    find(name);
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            if (!lock(connection, name, "update")) {
              throw notFound(name);
            }
            requireKeyless(connection, name);
            try (PreparedStatement delete =
                connection.prepareStatement("delete from registry.team where name = ?")) {
              delete.setString(1, name);
              delete.executeUpdate();
            }
            AuditInsert.record(connection, "DELETE", KIND, name, author);
            return null;
          });
    }
  }

  /**
   * Keeps a team from going until the end of the transaction; returns whether it is there.
   *
   * @param strength "share", or "update" for who changes it
   */
  static boolean lock(Connection connection, String name, String strength) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement("select 1 from registry.team where name = ? for " + strength)) {
      lock.setString(1, name);
      try (ResultSet row = lock.executeQuery()) {
        return row.next();
      }
    }
  }

  private static void requireKeyless(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id from registry.api_key where team = ? and revoked_at is null"
                + " order by number limit 1")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        if (rows.next()) {
          throw new Refusal.InUse(
                  "Team '%s' has keys, such as %s; revoke them first."
                      .formatted(name, rows.getString(1)),
                  List.of(new FieldError("name", "Its keys are at /api/v1/keys?team=" + name)))
              .exception();
        }
      }
    }
  }

  private static RefusedException notFound(String name) {
    return new Refusal.NotFound("There is no team '%s'.".formatted(KeyChecks.shown(name)))
        .exception();
  }

  private static Team team(ResultSet row) throws SQLException {
    String description = row.getString(2);
    return new Team(
        row.getString(1), description.isEmpty() ? null : description, time(row, 3).orElseThrow());
  }

  static Optional<Instant> time(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
