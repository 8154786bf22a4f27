package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostRulesTest {

  private static final HostRules PUBLIC = new HostRules(List.of(), true);
  private static final HostRules LISTED =
      new HostRules(List.of("10.0.0.7:8000", "localhost", "*.internal", "169.254.169.254"), false);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1/v1",
        "https://localhost/v1",
        "https://10.0.0.7:8000/v1",
        "https://172.16.3.4/v1",
        "https://192.168.1.1/v1",
        "https://169.254.169.254/latest/meta-data",
        "https://100.100.100.200/latest",
        "https://0.0.0.0/v1",
        "https://2130706433/v1",
        "https://[::1]/v1",
        "https://[::ffff:10.0.0.1]/v1",
        "https://[fd00:ec2::254]/v1",
        "https://[fe80::1]/v1",
        "https://[64:ff9b::a00:1]/v1",
        "https://[2002:a00:1::1]/v1",
        "https://224.0.0.1/v1",
        "http://8.8.8.8/v1"
      })
  void privateLocalAndMetadataAddressesAreRefused(String url) {
    var refused = assertThrows(EndpointException.class, () -> PUBLIC.resolve(URI.create(url)));
    assertEquals("ENDPOINT_NOT_ALLOWED", refused.failure().reason());
    assertFalse(refused.passing());
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://8.8.8.8/v1", "https://[2606:4700::1111]/v1"})
  void publicOnesAreAllowedOverHttps(String url) {
    assertTrue(HostRules.isPublic(PUBLIC.resolve(URI.create(url))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://10.0.0.7:8000/v1", "http://LOCALHOST:1/v1", "http://169.254.169.254/"})
  void whatIsListedIsAllowed(String url) throws UnknownHostException {
    assertEquals(InetAddress.getByName(URI.create(url).getHost()), LISTED.resolve(URI.create(url)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.0.0.7:8001/v1",
        "https://8.8.8.8/v1",
        "http://internal/v1",
        "http://xlocalhost/v1",
        "http://localhost:99999/v1",
        "http://localhost:0/v1"
      })
  void whatIsNotListedIsRefusedWherePublicHostsAre(String url) {
    assertThrows(EndpointException.class, () -> LISTED.resolve(URI.create(url)));
  }
}
