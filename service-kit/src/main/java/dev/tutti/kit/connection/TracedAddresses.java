package dev.tutti.kit.connection;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What traces tell of an address that was asked: of its query the parameters' names, since they may
 * say a key, a provider's code, or whose data is looked for; and of a key in its path what
 * everybody may see of it.
 */
@Singleton
public final class TracedAddresses implements SpanProcessor {

  private static final AttributeKey<String> QUERY = AttributeKey.stringKey("url.query");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");

  private static final Pattern SAID = Pattern.compile("=.*", Pattern.DOTALL);

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {
    String query = span.getAttribute(QUERY);
    if (query != null) {
      span.setAttribute(QUERY, names(query));
    }
    String path = span.getAttribute(PATH);
    if (path != null) {
      span.setAttribute(PATH, KeyRing.masked(path));
    }
  }

  @Override
  public boolean isStartRequired() {
    return true;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    // Nothing is added to an address later.
  }

  @Override
  public boolean isEndRequired() {
    return false;
  }

  /** {@code a=&b} of {@code a=1&b}. */
  static String names(String query) {
    return Arrays.stream(query.split("&"))
        .map(parameter -> KeyRing.masked(SAID.matcher(parameter).replaceFirst("=")))
        .collect(Collectors.joining("&"));
  }
}
