package dev.tutti.kit.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostRuleTest {

  @ParameterizedTest
  @CsvSource({
    "localhost, true",
    "localhost:8080, true",
    "LocalHost, true",
    "127.0.0.1:1, true",
    "[::1]:8080, true",
    "[::1], true",
    "evil.example, false",
    "localhost.evil.example, false",
    "evil.example:127.0.0.1, false",
    "127.0.0.2, false",
    "'', false",
    "':80', false"
  })
  void whatListensOnLoopbackServesItsNamesOnly(String host, boolean served) {
    assertEquals(served, HostRule.of(List.of(), "127.0.0.1").allows(host));
    assertEquals(served, HostRule.of(List.of(), "localhost").allows(host));
  }

  @Test
  void whatListensElsewhereServesEveryNameUnlessSomeAreListed() {
    assertTrue(HostRule.of(List.of(), "0.0.0.0").allows("evil.example"));
    HostRule listed = HostRule.of(List.of("Tutti.example", " other "), "0.0.0.0");
    assertTrue(listed.allows("tutti.example:8080"));
    assertTrue(listed.allows("other"));
    assertTrue(listed.allows("127.0.0.1:8080"));
    assertFalse(listed.allows("evil.example"));
    assertTrue(listed.allows(null));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.2, 127.0.0.2:8080",
    "127.0.0.2, localhost",
    "::1, [::1]:8080",
    "0:0:0:0:0:0:0:1, [0:0:0:0:0:0:0:1]",
    "10.1.2.3, 10.1.2.3:8080",
    "fd00::1, [fd00::1]:8080"
  })
  void theAddressThatItListensAtIsServedWhateverIsListed(String listening, String host) {
    assertTrue(HostRule.of(List.of(), listening).allows(host));
    HostRule listed = HostRule.of(List.of("tutti.example"), listening);
    assertTrue(listed.allows(host));
    assertFalse(listed.allows("evil.example"));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "localhost, true",
    "0.0.0.0, false",
    "10.0.0.1, false",
    "'', false"
  })
  void reflectionIsOnWhileNobodyElseReachesTheService(String host, String on) {
    String setting = "quarkus.grpc.server.enable-reflection-service";
    var builder =
        new SmallRyeConfigBuilder()
            .withSources(new LoopbackDefaults())
            .withSources(
                new PropertiesConfigSource(Map.of("quarkus.grpc.server.host", host), "test", 100));
    assertEquals(on, builder.build().getConfigValue(setting).getValue());
    String off = Boolean.toString(!Boolean.parseBoolean(on));
    builder.withSources(new PropertiesConfigSource(Map.of(setting, off), "said", 100));
    assertEquals(off, builder.build().getConfigValue(setting).getValue());
  }
}
