package dev.tutti.fusion.method.heads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.heads.SelectLlm.Policy;
import dev.tutti.fusion.method.heads.SelectLlm.Settings;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SelectLlmPolicyTest {

  private static final MemberCard[] MEMBERS =
      Stream.of("a", "b", "c", "d").map(name -> MemberCard.of(name, 1)).toArray(MemberCard[]::new);

  /** The heads were measured by the weighted vote of three. */
  @Test
  void theDecisionTellsWhereAnotherPolicyWasMeasured() {
    String measured = "What was measured on held-out questions is weighted_max_conf of 3.";
    for (Policy policy : Policy.values()) {
      for (int size = 0; size <= 4; size++) {
        ScriptedEpisode episode =
            new ScriptedEpisode(
                    new SelectLlm(
                        new Settings("ours", AnswerForm.AUTO, policy, size),
                        SelectLlmTest.HEADS,
                        4),
                    MEMBERS)
                .embed(new float[] {1, 0});
        var said = new String[episode.asked().size()];
        Arrays.fill(said, "1");
        String told = episode.say(said).give().weighed().weighing().explanation();
        boolean same = policy == Policy.WEIGHTED_MAX_CONF && (size == 0 || size == 3);
        assertEquals(!same, told.endsWith(measured), told);
      }
    }
  }
}
