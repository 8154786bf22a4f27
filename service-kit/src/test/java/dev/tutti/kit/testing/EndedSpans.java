package dev.tutti.kit.testing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * All that traces tell of spans that ended while somebody looked. A service under test has a
 * subclass among its beans.
 */
public abstract class EndedSpans implements SpanProcessor {

  private static final List<String> TOLD = new CopyOnWriteArrayList<>();
  private static volatile boolean looking;

  /** Looks at what ends from now on. */
  public static void look() {
    TOLD.clear();
    looking = true;
  }

  /** What ended since, each span as one text; nothing is looked at any more. */
  public static List<String> told() {
    looking = false;
    return List.copyOf(TOLD);
  }

  /** Whether a span ended meanwhile that tells this. */
  public static boolean tells(String part) {
    return TOLD.stream().anyMatch(its -> its.contains(part));
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {
    // Only what it is at its end leaves the service.
  }

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (looking) {
      TOLD.add(text(span.toSpanData()));
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  private static String text(SpanData span) {
    var text = new StringBuilder(span.getName());
    add(text, span.getAttributes());
    add(text, span.getResource().getAttributes());
    text.append("\nstatus ").append(span.getStatus());
    text.append("\nstate ").append(span.getSpanContext().getTraceState().asMap());
    for (EventData event : span.getEvents()) {
      text.append("\nevent ").append(event.getName());
      add(text, event.getAttributes());
    }
    for (LinkData link : span.getLinks()) {
      add(text, link.getAttributes());
    }
    return text.toString();
  }

  private static void add(StringBuilder text, Attributes attributes) {
    attributes.forEach((key, value) -> text.append('\n').append(key).append('=').append(value));
  }
}
