package dev.tutti.learning.testing;

import dev.tutti.deploy.SharedPostgres;
import dev.tutti.learning.database.Database;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/** A database of a real PostgreSQL behind a gate, with the tables of a service that learns. */
public final class LearningDatabase implements AutoCloseable {

  private final Gate gate;
  private final PGSimpleDataSource source = new PGSimpleDataSource();
  private final Database database;

  /** An empty one; the tables are made at the first use. */
  public LearningDatabase(String schema) {
    String url = SharedPostgres.database();
    Matcher port = Pattern.compile(":(\\d+)/").matcher(url);
    if (!port.find()) {
      throw new IllegalStateException(url);
    }
    gate = new Gate(Integer.parseInt(port.group(1)));
    gate.open();
    source.setUrl(url.replaceFirst("//[^/]*/", "//127.0.0.1:%d/".formatted(gate.port())));
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
  }
}
