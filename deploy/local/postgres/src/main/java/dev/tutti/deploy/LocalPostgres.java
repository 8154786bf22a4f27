package dev.tutti.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;

/**
 * A PostgreSQL server on 127.0.0.1 whose data is kept in a folder; runs until it is told to stop
 * (SIGTERM) and then shuts the server down cleanly. Its password is in the file {@code password}
 * beside that folder.
 */
public final class LocalPostgres {

  private static final int LOG_BYTES = 10 << 20;
  private static final int LOG_FILES = 5;

  private LocalPostgres() {}

  /**
   * Starts the server.
   *
   * @param args folder of the data, port, and the file that what the server says is kept in
   * @throws IOException when the server does not start
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 3) {
      System.err.println("usage: LocalPostgres DATA_FOLDER PORT LOG_FILE");
      System.exit(2);
    }
    Path data = Path.of(args[0]).toAbsolutePath();
    int port = Integer.parseInt(args[1]);
    logTo(Path.of(args[2]));
    // Where the program was before: everybody could write there.
    delete(data.resolveSibling("postgres-program"));
    Path program = data.resolveSibling("program");
    Path whole = program.resolve("whole");
    if (!Files.exists(whole)) {
      // The library does not see that an earlier start was killed while it unpacked.
      delete(program);
    }
    SecuredPostgres server = SecuredPostgres.start(data, program, port);
    Files.writeString(whole, "");
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(
                    () -> {
                      try {
                        server.close();
                      } catch (IOException e) {
                        System.err.println("PostgreSQL did not stop cleanly: " + e.getMessage());
                      }
                    }));
    System.out.println("PostgreSQL is ready on port " + server.port());
    Thread.currentThread().join();
  }

  /** Kept over restarts and bounded: LOG_FILE.0 is the newest of its files. */
  private static void logTo(Path file) throws IOException {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    // A percent sign would stand for something else.
    var pattern = file.toAbsolutePath().toString().replace("%", "%%");
    var handler = new FileHandler(pattern, LOG_BYTES, LOG_FILES, true);
    handler.setFormatter(new SimpleFormatter());
    root.addHandler(handler);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
