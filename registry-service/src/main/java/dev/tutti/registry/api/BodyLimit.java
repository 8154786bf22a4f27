package dev.tutti.registry.api;

import dev.tutti.registry.Refusal;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Says as a problem that a body is too large, whether its length was told before or not. Quarkus
 * cuts the connection at {@code quarkus.http.limits.max-body-size}, without a word, so that one is
 * set far above.
 */
@Provider
public class BodyLimit implements ReaderInterceptor {

  static final int LARGEST = 1 << 20;
  static final String DETAIL = "A body has %d bytes at most.".formatted(LARGEST);

  @Override
  public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
    if (context.getType() == InputStream.class) {
      // Whoever takes a stream has its own limit.
      return context.proceed();
    }
    byte[] body = context.getInputStream().readNBytes(LARGEST + 1);
    if (body.length > LARGEST) {
      throw new Refusal.TooLarge(DETAIL).exception();
    }
    context.setInputStream(new ByteArrayInputStream(body));
    return context.proceed();
  }
}
