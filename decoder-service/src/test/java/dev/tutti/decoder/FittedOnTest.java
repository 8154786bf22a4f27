package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.learning.Artifact;
import dev.tutti.learning.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FittedOnTest {

  private static final String THEN = "0123456789abcdef".repeat(4);
  private static final String NOW = "f".repeat(64);

  private static Artifact kept(FittedOn on) {
    var provenance = new Artifact.Provenance("data", 1, "{}", 1);
    Parameters parameters = on.in(Parameters.of(List.of("small")).with("x", 1));
    return Artifact.of(new Artifact("citer", 3, parameters, provenance).bytes());
  }

  @Test
  void anArtifactKeepsTheFilesThatItWasFittedOn() {
    var on = new FittedOn(0, Map.of("small", THEN, "org/middle", NOW, "unknown", ""));
    FittedOn read = FittedOn.of(kept(on));
    assertEquals(new FittedOn(3, Map.of("small", THEN, "org/middle", NOW)), read);
    assertEquals(new FittedOn(3, Map.of()), FittedOn.of(kept(FittedOn.NOTHING)));
  }

  @Test
  void aModelOfOtherFilesIsNamedWithBoth() {
    var on = new FittedOn(3, Map.of("small", THEN));
    assertEquals(
        Optional.of(
            "Version 3 of artifact 'routers' was fitted on 'small' with files of the SHA-256 "
                + THEN
                + "; it has those of "
                + NOW
                + " now: fit it anew."),
        on.replaced("routers", "small", NOW));
    assertEquals(Optional.empty(), on.replaced("routers", "small", THEN));
    assertEquals(Optional.empty(), on.replaced("routers", "small", ""), "not known");
    assertEquals(Optional.empty(), on.replaced("routers", "large", NOW), "not learned from");
  }
}
