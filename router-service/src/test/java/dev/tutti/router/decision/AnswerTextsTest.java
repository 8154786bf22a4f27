package dev.tutti.router.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberCall;
import org.junit.jupiter.api.Test;

class AnswerTextsTest {

  private static final String LONG = "The patient ".repeat(20);

  private static Candidate candidate(String member, String answer) {
    return Candidate.newBuilder().setMember(member).setAnswer(answer).setScore(0.5).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  @Test
  void whoSaysTheSameIsToldAndNotWhat() {
    Decision decision =
        Decision.newBuilder()
            .setId("d")
            .setExplanation(
                "2 of 4 answers, compared as choice, say 'it's B' with 0.60 of the weight; '%s…' comes next."
                    .formatted(LONG.substring(0, 80)))
            .addCandidates(candidate("anna", "it's B"))
            .addCandidates(
                Candidate.newBuilder()
                    .setMember("bert")
                    .addCalls(MemberCall.newBuilder().setAnswer(LONG))
                    .addCalls(MemberCall.newBuilder().setAnswer("it's B"))
                    .addCalls(MemberCall.newBuilder().setRound(2)))
            .addCandidates(Candidate.newBuilder().setMember("cleo").setFailure("away"))
            .addCandidates(candidate("B", "B"))
            .setInputs(
                Struct.newBuilder()
                    .putFields("seed", number(7))
                    .putFields("opinions", number(1))
                    .putFields(
                        "votes",
                        Value.newBuilder()
                            .setStructValue(
                                Struct.newBuilder()
                                    .putFields("it's B", number(0.6))
                                    .putFields(LONG, number(0.3))
                                    .putFields("B", number(0.1)))
                            .build()))
            .addNested(Decision.newBuilder().addCandidates(candidate("dora", "B")))
            .build();
    Decision plain = AnswerTexts.without(decision);
    assertEquals("answer 1", plain.getCandidates(0).getAnswer());
    assertEquals("answer 2", plain.getCandidates(1).getCalls(0).getAnswer());
    assertEquals("answer 1", plain.getCandidates(1).getCalls(1).getAnswer());
    assertFalse(plain.getCandidates(1).getCalls(2).hasAnswer());
    assertFalse(plain.getCandidates(2).hasAnswer());
    assertEquals("B", plain.getCandidates(3).getMember());
    assertEquals("answer 3", plain.getCandidates(3).getAnswer());
    assertEquals("answer 3", plain.getNested(0).getCandidates(0).getAnswer());
    assertEquals(
        "2 of 4 answers, compared as choice, say answer 1 with 0.60 of the weight; answer 2 comes"
            + " next.",
        plain.getExplanation());
    var votes = plain.getInputs().getFieldsOrThrow("votes").getStructValue().getFieldsMap();
    assertEquals(0.6, votes.get("answer 1").getNumberValue());
    assertEquals(0.3, votes.get("answer 2").getNumberValue());
    assertEquals(0.1, votes.get("answer 3").getNumberValue());
    assertEquals(7, plain.getInputs().getFieldsOrThrow("seed").getNumberValue());
    assertFalse(plain.getInputs().containsFields("opinions"));
    assertFalse(plain.toString().contains("patient") || plain.toString().contains("it's"));
    // What has none is the same.
    Decision bare = Decision.newBuilder().setId("d").setExplanation("'B' answers.").build();
    assertEquals(bare, AnswerTexts.without(bare));
    assertTrue(plain.getCandidates(0).hasScore());
  }
}
