package dev.tutti.decoder.runtime.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeerTest {

  /** gRPC asks for a sign of life after half of the timeout, but after 10 s at the soonest. */
  @Test
  void silenceBeforeAndAfterTheQuestionIsAsLongAsTheTimeout() {
    Map.of(30, 15, 20, 10, 15, 5, 12, 2, 11, 1, 1, 1)
        .forEach(
            (timeout, patience) ->
                assertEquals(
                    Duration.ofSeconds(patience), Peer.patience(Duration.ofSeconds(timeout))));
  }
}
