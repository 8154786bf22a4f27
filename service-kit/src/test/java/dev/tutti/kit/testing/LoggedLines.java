package dev.tutti.kit.testing;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Everything that is logged until it is closed, with parameters and exceptions. */
public final class LoggedLines implements AutoCloseable {

  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root = Logger.getLogger("");
  private final Level before = root.getLevel();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord its) {
          lines.add(
              "%s %s %s"
                  .formatted(
                      its.getMessage(), Arrays.toString(its.getParameters()), its.getThrown()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Listens, at the levels as they are set up. */
  public LoggedLines() {
    root.addHandler(handler);
  }

  /** Listens to all that is of this level at least, and makes loggers tell it. */
  public LoggedLines(Level level) {
    this();
    root.setLevel(level);
  }

  /** What was logged, also once this is closed. */
  public List<String> all() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    root.setLevel(before);
    root.removeHandler(handler);
  }
}
