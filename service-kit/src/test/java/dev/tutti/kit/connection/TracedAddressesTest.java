package dev.tutti.kit.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TracedAddressesTest {

  private static final String KEY = "tk-3fQzA9xK" + "b_-".repeat(11) + "bc";

  @Test
  void aParameterMayBeAKey() {
    assertEquals("tk-3fQzA9xK...=&b=", TracedAddresses.names(KEY + "=1&b=" + KEY));
  }

  @ParameterizedTest
  @CsvSource({
    "a=1&b=x=y, a=&b=",
    "a, a",
    "'', ''",
    "code=xyz&state=s%26, code=&state=",
    "a=1&&b, a=&&b",
    "=x, ="
  })
  void ofAQueryTheNamesAreTold(String query, String told) {
    assertEquals(told, TracedAddresses.names(query));
  }

  @Test
  void spansTellNoMore() {
    try (var provider =
        SdkTracerProvider.builder().addSpanProcessor(new TracedAddresses()).build()) {
      Span span =
          provider
              .get("test")
              .spanBuilder("GET /v1/models/{name}")
              .setAllAttributes(
                  Attributes.of(
                      AttributeKey.stringKey("url.query"),
                      "api_key=" + KEY,
                      AttributeKey.stringKey("url.path"),
                      "/v1/models/" + KEY))
              .startSpan();
      Attributes told = ((ReadableSpan) span).getAttributes();
      assertEquals("api_key=", told.get(AttributeKey.stringKey("url.query")));
      assertEquals("/v1/models/tk-3fQzA9xK...", told.get(AttributeKey.stringKey("url.path")));
    }
  }
}
