package dev.tutti.kit.job;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How large the tables of a schema are, as metrics: rows as the server estimates them, and bytes on
 * disk with indexes. No table is read for it.
 */
final class TableSizes {

  private static final String SELECT =
      """
      select c.relname, case when s.n_live_tup > 0 then s.n_live_tup
        else greatest(c.reltuples, 0)::bigint end, pg_total_relation_size(c.oid)
      from pg_class c join pg_stat_all_tables s on s.relid = c.oid
      where s.schemaname = ? and c.relkind = 'r'""";

  private final Retention.Source database;
  private final String schema;
  private final MeterRegistry meters;
  private final Map<String, AtomicLong> seen = new ConcurrentHashMap<>();

  TableSizes(Retention.Source database, String schema, MeterRegistry meters) {
    this.database = database;
    this.schema = schema;
    this.meters = meters;
  }

  /** Looks at them now. */
  void look() throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setString(1, schema);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          set("rows", "Rows of a table, estimated", rows.getString(1), rows.getLong(2));
          set(
              "bytes",
              "Bytes of a table on disk, with indexes",
              rows.getString(1),
              rows.getLong(3));
        }
      }
    }
  }

  private void set(String what, String help, String table, long value) {
    seen.computeIfAbsent(
            what + " " + table,
            _ -> {
              var size = new AtomicLong();
              Gauge.builder("tutti.%s.table.%s".formatted(schema, what), size, AtomicLong::get)
                  .description(help)
                  .tag("table", table)
                  .register(meters);
              return size;
            })
        .set(value);
  }
}
