package dev.tutti.registry.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Opens the surroundings and waits until the registry has found them. */
public final class OfRegistry implements BeforeAllCallback {

  @Override
  public void beforeAll(ExtensionContext context) {
    Surroundings.open();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Rest.operators("/health/ready").status() == 200);
  }
}
