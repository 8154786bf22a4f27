package dev.tutti.deploy;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.attribute.PosixFilePermission.OWNER_EXECUTE;
import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static java.nio.file.attribute.PosixFilePermission.OWNER_WRITE;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * A PostgreSQL server on 127.0.0.1 that nobody else on the machine can use: it asks for a password
 * (SCRAM-SHA-256), which lies in a file that only its owner reads, it has no Unix socket, and only
 * its owner can enter the folders of its data and of its program. Data of a server that asked for
 * no password gets one before it is opened.
 */
public final class SecuredPostgres implements AutoCloseable {

  /** Its superuser. */
  static final String USER = "postgres";

  /** Who may connect, and how. */
  private static final String ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n";

  private static final Set<PosixFilePermission> OWNERS_FOLDER =
      Set.of(OWNER_READ, OWNER_WRITE, OWNER_EXECUTE);
  private static final FileAttribute<?> FOLDER =
      PosixFilePermissions.asFileAttribute(OWNERS_FOLDER);
  private static final FileAttribute<?> FILE =
      PosixFilePermissions.asFileAttribute(Set.of(OWNER_READ, OWNER_WRITE));
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How often a password is hashed: as PostgreSQL does it. */
  private static final int ITERATIONS = 4096;

  /** How often that of a server for tests is, which connect often. */
  private static final int TEST_ITERATIONS = 1;

  private final EmbeddedPostgres server;
  private final String password;

  private SecuredPostgres(EmbeddedPostgres server, String password) {
    this.server = server;
    this.password = password;
  }

  /**
   * Starts one whose data is kept.
   *
   * @param data folder of its data; the password is in the file {@code password} beside it
   * @param program folder to unpack it in
   * @param port to listen at
   * @throws IOException when it does not start
   */
  static SecuredPostgres start(Path data, Path program, int port) throws IOException {
    return start(
        data,
        program,
        builder(program)
            .setPort(port)
            .setCleanDataDirectory(false)
            .setServerConfig("max_connections", "100")
            // The library's defaults are for tests: they lose what was committed last.
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on"),
        ITERATIONS);
  }

  /**
   * Starts an empty one for tests, on a free port; its data goes when it is closed.
   *
   * @throws IOException when it does not start
   */
  public static SecuredPostgres startEmpty() throws IOException {
    // One unpacking for all modules, but of one user only.
    Path program =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "tutti-postgres-" + System.getProperty("user.name"));
    Path home = Files.createTempDirectory("tutti-postgres-data");
    // The last one named is the first to go.
    home.toFile().deleteOnExit();
    home.resolve("password").toFile().deleteOnExit();
    return start(home.resolve("data"), program, builder(program), TEST_ITERATIONS);
  }

  /**
   * One that looks for servers that were left behind, which it stops and deletes, in a folder of
   * ours: by default it does so where everybody may lay one out.
   */
  private static EmbeddedPostgres.Builder builder(Path program) {
    System.setProperty("ot.epg.working-dir", unpacked(program).toString());
    return EmbeddedPostgres.builder();
  }

  private static Path unpacked(Path program) {
    // The library lets everybody write in the folder that it unpacks in: so in one that nobody can
    // enter.
    return program.resolve("unpacked");
  }

  private static SecuredPostgres start(
      Path data, Path program, EmbeddedPostgres.Builder builder, int iterations)
      throws IOException {
    ownFolder(data.getParent());
    ownFolder(program);
    Path file = data.resolveSibling("password");
    String noted = Files.exists(file) ? Files.readString(file).strip() : "";
    // A machine that went down while it was written leaves it empty.
    boolean known = !noted.isEmpty();
    String password = known ? noted : draw();
    Path unpacked = unpacked(program);
    EmbeddedPostgres server =
        builder
            .setDataDirectory(data)
            .setOverrideWorkingDirectory(unpacked.toFile())
            // The library remembers for each resolver where it unpacked; this folder may be
            // another.
            .setPgBinaryResolver(new Binaries(unpacked))
            .setDataDirectoryCustomizer(
                _ -> secure(data, unpacked, file, password, known, iterations))
            .setConnectConfig("password", password)
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setServerConfig("unix_socket_directories", "")
            .setPGStartupWait(PATIENCE)
            .start();
    Files.setPosixFilePermissions(unpacked, OWNERS_FOLDER);
    return new SecuredPostgres(server, password);
  }

  /** What is unpacked in a folder. */
  private record Binaries(Path unpacked) implements PgBinaryResolver {

    @Override
    public InputStream getPgBinary(String system, String machine) throws IOException {
      return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine);
    }
  }

  /** Its URL, with user and password. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres?user=%s&password=%s"
        .formatted(server.getPort(), USER, password);
  }

  /** Its database, as its superuser. */
  public DataSource database() {
    return server.getPostgresDatabase();
  }

  /** Where it listens. */
  int port() {
    return server.getPort();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /**
   * Sets the password and asks for it from now on. Whatever it is interrupted by, the next start
   * does it again: the file of access is written last.
   */
  private static void secure(
      Path data, Path unpacked, Path file, String password, boolean known, int iterations) {
    try {
      Path access = data.resolve("pg_hba.conf");
      if (known && Files.readString(access).equals(ACCESS)) {
        return;
      }
      setPassword(data, unpacked, password, iterations);
      Files.deleteIfExists(file);
      Files.createFile(file, FILE);
      writeToDisk(file, password + "\n");
      writeToDisk(access, ACCESS);
    } catch (IOException e) {
      throw new UncheckedIOException("The database cannot be given a password", e);
    }
  }

  private static void writeToDisk(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** By the server itself, with nobody connected to it. */
  private static void setPassword(Path data, Path unpacked, String password, int iterations)
      throws IOException {
    var command = new ArrayList<String>();
    if (LinuxUtils.isUnshareAvailable()) {
      // It refuses to run as root.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(
        List.of(
            newest(unpacked).resolve("bin/postgres").toString(),
            "--single",
            "-c",
            "scram_iterations=" + iterations,
            "-D",
            data.toString(),
            "postgres"));
    Process single =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var statements = single.getOutputStream()) {
      statements.write(
          "ALTER ROLE %s PASSWORD '%s';\n"
              .formatted(USER, password)
              .getBytes(StandardCharsets.US_ASCII));
    }
    try {
      if (!single.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || single.exitValue() != 0) {
        single.destroyForcibly();
        throw new IOException("PostgreSQL did not set the password of " + data);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }

  /** The program that was unpacked last; one of an older version may lie beside it. */
  private static Path newest(Path unpacked) throws IOException {
    try (Stream<Path> programs = Files.list(unpacked)) {
      return programs
          .filter(program -> Files.exists(program.resolve("bin/postgres")))
          .max(Comparator.comparing(program -> program.resolve(".exists").toFile(), age()))
          .orElseThrow(() -> new IOException("There is no PostgreSQL in " + unpacked));
    }
  }

  private static Comparator<File> age() {
    return Comparator.comparingLong(File::lastModified);
  }

  /** 256 random bits, in characters that need no quoting in URLs and SQL. */
  private static String draw() {
    byte[] bits = new byte[32];
    new SecureRandom().nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** Makes a folder that only its owner enters, or makes one so; refuses one of somebody else. */
  private static void ownFolder(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    if (!Files.exists(folder, NOFOLLOW_LINKS)) {
      Files.createDirectory(folder, FOLDER);
    }
    Object owner = Files.getAttribute(folder, "unix:uid", NOFOLLOW_LINKS);
    if (!owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
        || !Files.isDirectory(folder, NOFOLLOW_LINKS)) {
      throw new IOException("%s is no folder of ours: remove it.".formatted(folder));
    }
    Files.setPosixFilePermissions(folder, OWNERS_FOLDER);
  }
}
