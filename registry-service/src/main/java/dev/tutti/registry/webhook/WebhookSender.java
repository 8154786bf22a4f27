package dev.tutti.registry.webhook;

import dev.tutti.registry.Migrated;
import dev.tutti.registry.store.LostDatabase;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Sends webhooks what they are to be told, one replica each: by POST, signed, without following
 * anybody elsewhere. What is not answered by a 2xx within ten seconds is sent again, after pauses
 * that double from the first on, to an hour at most, {@value #MOST_ATTEMPTS} times in all. Of what
 * it answers only the status counts.
 */
@ApplicationScoped
class WebhookSender {

  private static final Logger LOG = Logger.getLogger(WebhookSender.class);
  static final int MOST_ATTEMPTS = 12;
  private static final int AT_ONCE = 20;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
  private static final int LONGEST_ERROR = 200;

  private final WebhookStore store;
  private final Duration look;
  private final Duration firstPause;
  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(TIMEOUT)
          .build();
  private final Semaphore free = new Semaphore(AT_ONCE);
  private final Thread thread = Thread.ofVirtual().name("webhooks").unstarted(this::run);

  WebhookSender(
      WebhookStore store,
      @ConfigProperty(name = "tutti.registry.webhooks.look") Duration look,
      @ConfigProperty(name = "tutti.registry.webhooks.first-pause") Duration firstPause) {
    this.store = store;
    this.look = look;
    this.firstPause = firstPause;
  }

  void start(@Observes Migrated event) {
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(look);
        try {
          sendAll();
        } catch (SQLException e) {
          if (!LostDatabase.causes(e)) {
            LOG.errorf(e, "What webhooks are to be told cannot be read");
          }
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("Webhooks are told no more");
    }
  }

  private void sendAll() throws SQLException, InterruptedException {
    // Nobody waits for one who is slow to answer.
    for (WebhookStore.Delivery its : store.take(free.availablePermits(), LEASE)) {
      free.acquire();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  send(its);
                } finally {
                  free.release();
                }
              });
    }
  }

  private void send(WebhookStore.Delivery its) {
    try {
      String error = error(its);
      if (error == null) {
        store.done(its);
      } else if (its.attempts() >= MOST_ATTEMPTS) {
        store.givenUp(its, error);
      } else {
        store.later(its, pause(its.attempts()), error);
      }
    } catch (SQLException e) {
      // It is due again when its lease is over.
      LOG.debugf("What became of delivery %s is not noted: %s", its, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Why it was not taken; null where it was. */
  private String error(WebhookStore.Delivery its) throws InterruptedException {
    long now = Instant.now().getEpochSecond();
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(its.url()))
              .timeout(TIMEOUT)
              .header("Content-Type", "application/json")
              .header("User-Agent", "Tutti")
              .header("X-Tutti-Delivery", Long.toString(its.number()))
              .header(Signature.TIMESTAMP, Long.toString(now))
              .header(Signature.HEADER, Signature.of(its.secret(), now, its.body()))
              .POST(HttpRequest.BodyPublishers.ofString(its.body()))
              .build();
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      // The timeout ends with the headers, and a body may never: it is not waited for.
      response.body().close();
      int status = response.statusCode();
      return status >= 200 && status < 300 ? null : "It answered with status %d.".formatted(status);
    } catch (IOException | IllegalArgumentException e) {
      String why = "It cannot be reached: " + (e.getMessage() == null ? e : e.getMessage());
      return why.length() <= LONGEST_ERROR ? why : why.substring(0, LONGEST_ERROR);
    }
  }

  Duration pause(int attempts) {
    Duration pause = firstPause.multipliedBy(1L << (attempts - 1));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }
}
