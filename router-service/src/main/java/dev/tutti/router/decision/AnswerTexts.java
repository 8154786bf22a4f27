package dev.tutti.router.decision;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberCall;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes out of a decision what answers say. Each different text becomes "answer 1", "answer 2" and
 * so on, in the order of their appearance, so that whose answers were the same, and which of them
 * had how many votes, is told still. What members thought of single tokens goes.
 */
final class AnswerTexts {

  private static final String VOTES = "votes";
  private static final String OPINIONS = "opinions";

  /** So much of an answer an explanation has at most. */
  private static final int LONGEST_SAID = 80;

  private final Map<String, String> labels = new LinkedHashMap<>();

  private AnswerTexts() {}

  /** The decision without them. */
  static Decision without(Decision decision) {
    return new AnswerTexts().plain(decision);
  }

  private Decision plain(Decision decision) {
    Decision.Builder plain = decision.toBuilder();
    for (int i = 0; i < plain.getCandidatesCount(); i++) {
      Candidate candidate = plain.getCandidates(i);
      if (candidate.hasAnswer() || candidate.getCallsCount() > 0) {
        plain.setCandidates(i, plain(candidate));
      }
    }
    Struct inputs = plain.getInputs();
    if (inputs.containsFields(VOTES) || inputs.containsFields(OPINIONS)) {
      plain.setInputs(plain(inputs));
    }
    for (int i = 0; i < plain.getNestedCount(); i++) {
      plain.setNested(i, plain(plain.getNested(i)));
    }
    return plain.setExplanation(plain(plain.getExplanation())).build();
  }

  private Candidate plain(Candidate candidate) {
    Candidate.Builder plain = candidate.toBuilder();
    if (plain.hasAnswer()) {
      plain.setAnswer(label(plain.getAnswer()));
    }
    for (int i = 0; i < plain.getCallsCount(); i++) {
      MemberCall call = plain.getCalls(i);
      if (call.hasAnswer()) {
        plain.setCalls(i, call.toBuilder().setAnswer(label(call.getAnswer())));
      }
    }
    return plain.build();
  }

  private Struct plain(Struct inputs) {
    Struct.Builder plain = inputs.toBuilder().removeFields(OPINIONS);
    if (inputs.containsFields(VOTES)) {
      Struct.Builder votes = Struct.newBuilder();
      inputs
          .getFieldsOrThrow(VOTES)
          .getStructValue()
          .getFieldsMap()
          .forEach((answer, share) -> votes.putFields(label(answer), share));
      plain.putFields(VOTES, Value.newBuilder().setStructValue(votes).build());
    }
    return plain.build();
  }

  private String plain(String explanation) {
    List<String> longestFirst =
        labels.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    String plain = explanation;
    for (String text : longestFirst) {
      String said = text.length() <= LONGEST_SAID ? text : text.substring(0, LONGEST_SAID) + "…";
      plain = plain.replace("'" + said + "'", labels.get(text));
    }
    return plain;
  }

  private String label(String text) {
    return labels.computeIfAbsent(text, _ -> "answer " + (labels.size() + 1));
  }
}
