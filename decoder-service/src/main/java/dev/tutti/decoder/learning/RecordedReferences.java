package dev.tutti.decoder.learning;

import dev.tutti.decoder.method.routing.Reference;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.learning.FitRequest;
import dev.tutti.registry.v1.RecordedQuery;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Questions of a dataset with what would be right, on their way into a fit. For one thread. */
final class RecordedReferences {

  /** Most questions: a fit draws some of them. */
  private static final int MOST = 100_000;

  private final FitRequest request;
  private final List<Row> learned = new ArrayList<>();
  private final List<Row> held = new ArrayList<>();

  /**
   * A question.
   *
   * @param query its number
   * @param set of the dataset
   * @param reference with what would be right
   */
  record Row(long query, String set, Reference reference) {}

  RecordedReferences(FitRequest request) {
    this.request = request;
  }

  /**
   * Makes sure that there is room.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument} where there is none
   */
  static void requireRoom(long questions) {
    if (questions > MOST) {
      throw new Failure.InvalidArgument(
              "parameters.dataset",
              "DATASET_TOO_LARGE",
              "There are %d queries; a fit takes %d at most.".formatted(questions, MOST))
          .exception();
    }
  }

  /** Adds a question; one without a reference teaches nothing. */
  void add(RecordedQuery row) {
    if (row.getReference().isEmpty()) {
      return;
    }
    long query = FitRequest.number(row.getQuery());
    (request.holdsOut(query) ? held : learned)
        .add(new Row(query, row.getSet(), new Reference(row.getQuery(), row.getReference())));
  }

  /**
   * The questions of one side.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there are none
   */
  List<Row> side(boolean heldOut) {
    List<Row> side = heldOut ? held : learned;
    int all = held.size() + learned.size();
    if (side.isEmpty()) {
      throw FitRequest.refused(
          all == 0 ? "dataset" : "holdout",
          all == 0
              ? "No query in this split of the dataset has a reference."
              : "Of %d queries %s are held out.".formatted(all, heldOut ? "none" : "all"));
    }
    return side;
  }

  /** Equal for equal questions and references in the same order; hexadecimal. */
  static String fingerprint(List<String> members, List<Row> rows) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      members.forEach(member -> add(digest, member));
      for (Row row : rows) {
        add(digest, row.reference().question());
        add(digest, row.reference().answer());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }
}
