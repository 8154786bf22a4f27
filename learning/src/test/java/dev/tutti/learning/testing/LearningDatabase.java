package dev.tutti.learning.testing;

import dev.tutti.deploy.SecuredPostgres;
import dev.tutti.learning.database.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/** A real PostgreSQL behind a gate, with the tables of a service that learns. */
public final class LearningDatabase implements AutoCloseable {

  private final SecuredPostgres server;
  private final Gate gate;
  private final PGSimpleDataSource source = new PGSimpleDataSource();
  private final Database database;

  /** Starts it; the tables are made at the first use. */
  public LearningDatabase(String schema) {
    try {
      server = SecuredPostgres.startEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL does not start", e);
    }
    Matcher port = Pattern.compile(":(\\d+)/").matcher(server.url());
    if (!port.find()) {
      throw new IllegalStateException(server.url());
    }
    gate = new Gate(Integer.parseInt(port.group(1)));
    gate.open();
    source.setUrl(server.url().replaceFirst("//[^/]*/", "//127.0.0.1:%d/".formatted(gate.port())));
    database = new Database(source, flyway(schema, "classpath:db/migration"));
  }

  /** What makes a schema from these migrations. */
  public Flyway flyway(String schema, String... locations) {
    return Flyway.configure()
        .dataSource(source)
        .defaultSchema(schema)
        .schemas(schema)
        .createSchemas(true)
        .locations(locations)
        .load();
  }

  public DataSource source() {
    return source;
  }

  public Database database() {
    return database;
  }

  public Gate gate() {
    return gate;
  }

  @Override
  public void close() {
    gate.close();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL does not stop", e);
    }
  }
}
