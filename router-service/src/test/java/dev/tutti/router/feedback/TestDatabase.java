package dev.tutti.router.feedback;

import dev.tutti.deploy.SharedPostgres;
import dev.tutti.learning.database.Database;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL without a service; its tables are empty before each test. */
final class TestDatabase implements BeforeAllCallback, BeforeEachCallback {

  private final PGSimpleDataSource source = new PGSimpleDataSource();
  private Database usual;

  @Override
  public void beforeAll(ExtensionContext context) {
    source.setUrl(SharedPostgres.database());
    usual = database(source);
  }

  @Override
  public void beforeEach(ExtensionContext context) throws SQLException {
    try (Connection connection = database().connect();
        var truncate = connection.createStatement()) {
      truncate.execute(
          "truncate router.feedback, router.learner, router.elo_rating, router.bandit_arm, router.decision_user, router.decision, router.standing, router.standing_day, router.standing_board, router.feedback_day, router.standing_progress");
    }
  }

  /** What a replica sees. */
  Database database() {
    return usual;
  }

  private static Database database(DataSource source) {
    return new Database(source, flyway(source, "latest"));
  }

  private static Flyway flyway(DataSource source, String version) {
    return Flyway.configure()
        .dataSource(source)
        .schemas("router")
        .defaultSchema("router")
        .createSchemas(true)
        .cleanDisabled(false)
        .target(version)
        .load();
  }

  /** The schema of an earlier build, empty, in place of the usual one until {@link #migrate}. */
  Database before(String version) {
    flyway(source, "latest").clean();
    return new Database(source, flyway(source, version + "?"));
  }

  /** Brings the schema up to date. */
  void migrate() {
    flyway(source, "latest").migrate();
  }

  /** How a commit ends. */
  enum Commit {
    DONE,
    /** The connection breaks before. */
    LOST,
    /** It breaks after: nobody hears that it was done. */
    UNHEARD
  }

  /** A database whose commits end as told; all are done once nothing more is told. */
  Database failing(Iterator<Commit> commits) {
    return database(
        proxy(
            DataSource.class,
            source,
            (name, result) ->
                name.equals("getConnection") ? failing((Connection) result, commits) : result,
            _ -> {}));
  }

  private static Connection failing(Connection connection, Iterator<Commit> commits) {
    var how = new Commit[1];
    return proxy(
        Connection.class,
        connection,
        (name, result) -> {
          if (name.equals("commit") && how[0] == Commit.UNHEARD) {
            throw new SQLException("Broken after the commit.", "08006");
          }
          return result;
        },
        name -> {
          if (name.equals("commit")) {
            how[0] = commits.hasNext() ? commits.next() : Commit.DONE;
            if (how[0] == Commit.LOST) {
              connection.rollback();
              throw new SQLException("Broken before the commit.", "08006");
            }
          }
        });
  }

  /** A database of which what is so set is noted before each commit. */
  Database noting(String setting, List<String> values) {
    return database(
        proxy(
            DataSource.class,
            source,
            (name, result) ->
                name.equals("getConnection")
                    ? noting((Connection) result, setting, values)
                    : result,
            _ -> {}));
  }

  private static Connection noting(Connection connection, String setting, List<String> values) {
    return proxy(
        Connection.class,
        connection,
        (_, result) -> result,
        name -> {
          if (name.equals("commit")) {
            try (var show = connection.createStatement();
                var rows = show.executeQuery("show " + setting)) {
              rows.next();
              values.add(rows.getString(1));
            }
          }
        });
  }

  private interface After {
    Object apply(String name, Object result) throws SQLException;
  }

  private interface Before {
    void apply(String name) throws SQLException;
  }

  private static <T> T proxy(Class<T> type, T target, After after, Before before) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              before.apply(method.getName());
              try {
                return after.apply(method.getName(), method.invoke(target, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /** Keeps rows in a transaction of their own. */
  void keep(List<FeedbackRow> rows) throws SQLException {
    try (Connection connection = database().connect()) {
      connection.setAutoCommit(false);
      new FeedbackTable().insert(connection, rows);
      connection.commit();
    }
  }
}
