package dev.tutti.fusion.learning;

import dev.tutti.fusion.method.vote.Ballots;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.learning.FitRequest;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Recorded answers on their way into a fit, without their texts. For one thread. */
final class RecordedBallots {

  /** Most questions, whatever the heap. */
  private static final int MOST = 1_000_000;

  /** Of 64 members, with what the fit holds beside; of a quarter of the heap. */
  private static final int BYTES_A_ROW = 1_000;

  private final FitRequest request;
  private final VoteWeights.Settings settings;
  private final List<String> members;
  private final List<Ballot> learned = new ArrayList<>();
  private final List<Ballot> held = new ArrayList<>();

  RecordedBallots(FitRequest request, VoteWeights.Settings settings, Dataset data) {
    this.request = request;
    this.settings = settings;
    this.members =
        request.parameters().members().isEmpty()
            ? data.getMembersList().stream().map(DatasetMember::getMember).toList()
            : request.parameters().members();
  }

  /**
   * Makes sure that there is room.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument} where there is none
   */
  static void requireRoom(long questions) {
    long heap = Runtime.getRuntime().maxMemory();
    long most = Math.min(MOST, heap / 4 / BYTES_A_ROW);
    if (questions > most) {
      throw new Failure.InvalidArgument(
              "parameters.dataset",
              "DATASET_TOO_LARGE",
              "There are %d queries; this service's heap of %d MiB has room for a fit to %d."
                  .formatted(questions, heap >> 20, most))
          .exception();
    }
  }

  /** Who is learned about. */
  List<String> members() {
    return members;
  }

  /** Adds a question. */
  void add(RecordedQuery row) {
    var answers = new int[members.size()];
    var scores = new float[members.size()];
    Arrays.fill(answers, -1);
    Arrays.fill(scores, Float.NaN);
    var texts = new ArrayList<String>();
    var said = new ArrayList<Integer>();
    for (Outcome outcome : row.getOutcomesList()) {
      int member = members.indexOf(outcome.getMember());
      if (member >= 0) {
        scores[member] = (float) outcome.getScore();
        texts.add(outcome.getResponse());
        said.add(member);
      }
    }
    if (said.isEmpty()) {
      return;
    }
    var form = settings.canonical().resolve(texts);
    Map<String, Integer> different = new HashMap<>();
    for (int i = 0; i < said.size(); i++) {
      int member = said.get(i);
      form.canonical(texts.get(i))
          .ifPresent(
              answer -> answers[member] = different.computeIfAbsent(answer, _ -> different.size()));
    }
    long query = FitRequest.number(row.getQuery());
    String category = row.getLabelsOrDefault(settings.label(), "");
    (request.holdsOut(query) ? held : learned)
        .add(new Ballot(query, row.getSet(), category, answers, scores));
  }

  /**
   * The questions of one side.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there are none
   */
  Ballots side(boolean heldOut) {
    List<Ballot> side = heldOut ? held : learned;
    int all = held.size() + learned.size();
    if (side.isEmpty()) {
      throw FitRequest.refused(
          all == 0 ? "dataset" : "holdout",
          all == 0
              ? "There are no recorded outcomes in this split of the dataset."
              : "Of %d queries %s are held out.".formatted(all, heldOut ? "none" : "all"));
    }
    return new Ballots(members, side);
  }
}
