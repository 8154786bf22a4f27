package dev.tutti.registry.webhook;

import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The tables of webhooks. All methods block, and throw {@link RefusedException}. */
@ApplicationScoped
class WebhookStore {

  private static final String KIND = "WEBHOOK";
  private static final String SELECT =
      """
      select id, number, url, created_at, delivered_at, error,
        (select count(*) from registry.webhook_delivery d where d.webhook = w.id)
      from registry.webhook w
      """;

  /** What was told of windows that began before is forgotten: they are over. */
  private static final String OLD =
      "delete from registry.budget_notice where begin < now() - interval '62 days'";

  private static final String NOTICE =
      """
      with told as (
        insert into registry.budget_notice (key, "window", begin) values (?, ?, ?)
        on conflict do nothing returning key)
      insert into registry.webhook_delivery (webhook, body)
      select id, ? from registry.webhook where exists (select from told)""";

  private static final String TRY =
      """
      insert into registry.webhook_delivery (webhook, body)
      select id, ? from registry.webhook w where id = ? and not exists (
        select from registry.webhook_delivery d where d.webhook = w.id and d.body = ?)""";

  private static final String TAKE =
      """
      with next as materialized (
        select number from registry.webhook_delivery where due <= now()
        order by due limit ? for update skip locked)
      update registry.webhook_delivery its
      set attempts = attempts + 1, due = now() + make_interval(secs => ?)
      from next, registry.webhook hook
      where its.number = next.number and hook.id = its.webhook
      returning its.number, hook.id, hook.url, hook.secret, its.body, its.attempts""";

  private final DataSource database;

  WebhookStore(DataSource database) {
    this.database = database;
  }

  /**
   * Something to be sent.
   *
   * @param attempts how often it was tried, this time counted
   */
  record Delivery(
      long number, String webhook, String url, String secret, String body, int attempts) {

    /** Not the secret: that must never be in a log. */
    @Override
    public String toString() {
      return "%d to %s".formatted(number, webhook);
    }
  }

  List<Webhook> list(long below, int limit) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(SELECT + "where number < ? order by number desc limit ?")) {
      select.setLong(1, below);
      select.setInt(2, limit);
      var found = new ArrayList<Webhook>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(webhook(rows));
        }
      }
      return found;
    }
  }

  Webhook find(String id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(SELECT + "where id = ?")) {
      select.setString(1, id);
      try (ResultSet row = select.executeQuery()) {
        if (row.next()) {
          return webhook(row);
        }
      }
    }
    throw notFound(id);
  }

  Webhook insert(String id, String url, String secret, Author author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            try (PreparedStatement insert =
                connection.prepareStatement(
                    "insert into registry.webhook (id, url, secret, created_at)"
                        + " values (?, ?, ?, date_trunc('milliseconds', now()))")) {
              insert.setString(1, id);
              insert.setString(2, url);
              insert.setString(3, secret);
              insert.executeUpdate();
            }
            AuditInsert.record(connection, "CREATE", KIND, id, author);
            return null;
          });
    }
    return find(id);
  }

  void delete(String id, Author author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            // In the order in which what sends takes them: else each would wait for the other.
            try (PreparedStatement waiting =
                    connection.prepareStatement(
                        "delete from registry.webhook_delivery where webhook = ?");
                PreparedStatement delete =
                    connection.prepareStatement("delete from registry.webhook where id = ?")) {
              waiting.setString(1, id);
              waiting.executeUpdate();
              delete.setString(1, id);
              if (delete.executeUpdate() == 0) {
                throw notFound(id);
              }
            }
            AuditInsert.record(connection, "DELETE", KIND, id, author);
            return null;
          });
    }
  }

  /** Has one told this, unless it is about to be. */
  void tell(String id, String body) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement tell = connection.prepareStatement(TRY)) {
      tell.setString(1, body);
      tell.setString(2, id);
      tell.setString(3, body);
      if (tell.executeUpdate() == 0) {
        find(id);
      }
    }
  }

  /** Has every webhook told, unless that was done for this key and window. */
  void notice(String key, String window, Instant begin, String body) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            try (PreparedStatement old = connection.prepareStatement(OLD);
                PreparedStatement notice = connection.prepareStatement(NOTICE)) {
              old.executeUpdate();
              notice.setString(1, key);
              notice.setString(2, window);
              notice.setObject(3, begin.atOffset(ZoneOffset.UTC));
              notice.setString(4, body);
              notice.executeUpdate();
            }
            return null;
          });
    }
  }

  /**
   * Takes what is due; nobody else does for a while.
   *
   * @param lease after which it is due again, if nothing becomes of it
   */
  List<Delivery> take(int most, Duration lease) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement take = connection.prepareStatement(TAKE)) {
      take.setInt(1, most);
      take.setDouble(2, lease.toSeconds());
      var taken = new ArrayList<Delivery>();
      try (ResultSet rows = take.executeQuery()) {
        while (rows.next()) {
          taken.add(
              new Delivery(
                  rows.getLong(1),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getString(5),
                  rows.getInt(6)));
        }
      }
      return taken;
    }
  }

  /** It was taken. */
  void done(Delivery its) throws SQLException {
    end(its, "delivered_at = date_trunc('milliseconds', now()), error = null", null);
  }

  /** It was not, and is sent no more. */
  void givenUp(Delivery its, String why) throws SQLException {
    end(its, "error = ?", why);
  }

  private void end(Delivery its, String change, String why) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            try (PreparedStatement delete =
                    connection.prepareStatement(
                        "delete from registry.webhook_delivery where number = ?");
                PreparedStatement update =
                    connection.prepareStatement(
                        "update registry.webhook set %s where id = ?".formatted(change))) {
              delete.setLong(1, its.number());
              delete.executeUpdate();
              int place = 1;
              if (why != null) {
                update.setString(place++, why);
              }
              update.setString(place, its.webhook());
              update.executeUpdate();
            }
            return null;
          });
    }
  }

  /** It was not, and is sent again after a while. */
  void later(Delivery its, Duration pause, String why) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            try (PreparedStatement again =
                    connection.prepareStatement(
                        "update registry.webhook_delivery"
                            + " set due = now() + make_interval(secs => ?) where number = ?");
                PreparedStatement update =
                    connection.prepareStatement(
                        "update registry.webhook set error = ? where id = ?")) {
              again.setDouble(1, pause.toMillis() / 1e3);
              again.setLong(2, its.number());
              again.executeUpdate();
              update.setString(1, why);
              update.setString(2, its.webhook());
              update.executeUpdate();
            }
            return null;
          });
    }
  }

  private static RefusedException notFound(String id) {
    return new Refusal.NotFound(
            "There is no webhook '%s'."
                .formatted(id.length() <= 80 ? id : id.substring(0, 80) + "..."))
        .exception();
  }

  private static Webhook webhook(ResultSet row) throws SQLException {
    return new Webhook(
        row.getString(1),
        row.getLong(2),
        row.getString(3),
        time(row, 4).orElseThrow(),
        time(row, 5).orElse(null),
        row.getString(6),
        row.getLong(7));
  }

  private static Optional<Instant> time(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
