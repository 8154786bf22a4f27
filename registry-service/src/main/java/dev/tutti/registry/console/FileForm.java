package dev.tutti.registry.console;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.JobItem;
import dev.tutti.registry.api.Problem;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A form with a file ({@code multipart/form-data}, RFC 7578), whose other fields come before it:
 * the file is read while it arrives, and nothing of it before the form showed the visit's token.
 * Confined to one thread.
 */
final class FileForm {

  /** Bytes of one line of a part's head, and of one field. */
  private static final int MOST = 64 << 10;

  private static final int MOST_FIELDS = 32;
  private static final int LONGEST_BOUNDARY = 70;
  private static final Pattern NAME =
      Pattern.compile(
          "content-disposition:\\s*form-data;.*?\\bname=\"([^\"]*)\".*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final String name;
  private final Form fields;
  private final InputStream file;

  private FileForm(String name, Form fields, InputStream file) {
    this.name = name;
    this.fields = fields;
    this.file = file;
  }

  /**
   * Reads a body up to its file.
   *
   * @param name of the file's field
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Malformed} where it is no such form,
   *     or lacks the file; {@link Refusal.Forged} where it lacks the token
   */
  static FileForm read(Visit visit, MediaType type, InputStream body, String name) {
    var parts = new Parts(body, boundary(type));
    var fields = new StringBuilder();
    try {
      for (int i = 0; parts.next(); i++) {
        String field = parts.name();
        if (field.equals(name)) {
          Form form = Form.parse(fields.toString());
          visit.require(form.text(Visit.FIELD));
          return new FileForm(name, form, parts);
        }
        byte[] value = parts.readNBytes(MOST + 1);
        if (value.length > MOST || i == MOST_FIELDS) {
          throw malformed("it has too many fields, or one that is too long");
        }
        fields
            .append(Curl.encoded(field))
            .append('=')
            .append(Curl.encoded(new String(value, StandardCharsets.UTF_8)))
            .append('&');
      }
    } catch (IOException e) {
      throw malformed("it breaks off");
    }
    visit.require(Form.parse(fields.toString()).text(Visit.FIELD));
    throw malformed("it has no file");
  }

  /** What was typed. */
  Form fields() {
    return fields;
  }

  /** The file's bytes, to be read once. */
  InputStream file() {
    return file;
  }

  /** What the lines of a file are for. */
  @FunctionalInterface
  interface Use {

    /**
     * Reads them, once.
     *
     * @param encoding as the REST takes it: {@code gzip}, or null for lines as they are
     * @return the page that follows
     */
    Response of(InputStream lines, String encoding) throws SQLException, IOException;
  }

  /**
   * Uses the file; what is refused leads back to the form.
   *
   * @param again the form, with what it was refused for
   */
  Response use(Use use, Function<Problem, TemplateInstance> again) throws SQLException {
    Refusal refusal;
    try {
      var lines = new PushbackInputStream(file, 2);
      return use.of(lines, isCompressed(lines) ? "gzip" : null);
    } catch (RefusedException e) {
      refusal = e.refusal();
    } catch (FailureException e) {
      refusal = refusal(e);
    } catch (IOException e) {
      refusal = Refusal.malformed(name, "The file broke off.").refusal();
    }
    Problem problem = Problem.of(refusal);
    return Html.of(problem, again.apply(problem));
  }

  /** Leads to the job that the REST answers with. */
  static Response toJob(Response answer) {
    return Response.seeOther(URI.create(Shown.href((JobItem) answer.getEntity()))).build();
  }

  /** What the parameters are refused for; a fault stays one. */
  private static Refusal refusal(FailureException e) {
    return switch (e.failure()) {
      case Failure.InvalidArgument f -> refusal(f.field(), f.message());
      case Failure.NotFound f -> refusal(f.field(), f.message());
      case Failure.FailedPrecondition f -> refusal(f.field(), f.message());
      default -> throw e;
    };
  }

  private static Refusal refusal(String field, String message) {
    return Refusal.malformed(field.replaceFirst("^parameters\\.", ""), message).refusal();
  }

  /** Whether lines begin as gzip does (RFC 1952). */
  private static boolean isCompressed(PushbackInputStream lines) throws IOException {
    byte[] begin = lines.readNBytes(2);
    lines.unread(begin);
    return begin.length == 2 && (begin[0] & 0xff) == 0x1f && (begin[1] & 0xff) == 0x8b;
  }

  private static String boundary(MediaType type) {
    String boundary = type == null ? null : type.getParameters().get("boundary");
    if (boundary == null || boundary.isEmpty() || boundary.length() > LONGEST_BOUNDARY) {
      throw malformed("its Content-Type names no boundary");
    }
    return boundary;
  }

  private static RuntimeException malformed(String why) {
    return Refusal.malformed("body", "The form cannot be read: %s.".formatted(why));
  }

  /** The parts of a body, one after the other; as a stream the bytes of the present one. */
  private static final class Parts extends InputStream {

    private final InputStream source;
    private final byte[] delimiter;
    private final byte[] buffer = new byte[MOST];
    private int from;
    private int filled;
    private String name = "";

    Parts(InputStream source, String boundary) {
      this.source = source;
      this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
      // The first part has no end of a line before it.
      buffer[filled++] = '\r';
      buffer[filled++] = '\n';
    }

    /** Goes to the next part; false where there is none. */
    boolean next() throws IOException {
      skipToEnd();
      from += delimiter.length;
      String rest = line();
      if (rest.startsWith("--")) {
        return false;
      }
      name = "";
      for (String head = line(); !head.isEmpty(); head = line()) {
        Matcher matcher = NAME.matcher(head);
        if (matcher.matches()) {
          name = matcher.group(1);
        }
      }
      return true;
    }

    String name() {
      return name;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      while (length > 0) {
        int end = delimiterAt();
        int safe = end >= 0 ? end : filled - delimiter.length + 1;
        if (safe > from) {
          int count = Math.min(length, safe - from);
          System.arraycopy(buffer, from, bytes, offset, count);
          from += count;
          return count;
        }
        if (end >= 0) {
          return -1;
        }
        fill();
      }
      return 0;
    }

    private void skipToEnd() throws IOException {
      var skipped = new byte[MOST];
      while (read(skipped, 0, MOST) >= 0) {
        // Of no interest.
      }
    }

    /** A line of the head, without its end. */
    private String line() throws IOException {
      var line = new ByteArrayOutputStream();
      while (line.size() <= MOST) {
        if (from == filled) {
          fill();
        }
        byte its = buffer[from++];
        if (its == '\n') {
          return line.toString(StandardCharsets.UTF_8).stripTrailing();
        }
        line.write(its);
      }
      throw new EOFException("A line without an end");
    }

    private int delimiterAt() {
      for (int i = from; i <= filled - delimiter.length; i++) {
        if (buffer[i] == '\r'
            && Arrays.equals(buffer, i, i + delimiter.length, delimiter, 0, delimiter.length)) {
          return i;
        }
      }
      return -1;
    }

    private void fill() throws IOException {
      System.arraycopy(buffer, from, buffer, 0, filled - from);
      filled -= from;
      from = 0;
      int count = source.read(buffer, filled, buffer.length - filled);
      if (count < 0) {
        throw new EOFException("The form breaks off");
      }
      filled += count;
    }
  }
}
