package dev.tutti.router.members;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.type.v1.Member;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AnswerableTest {

  private static final Directory DIRECTORY = new Directory(snapshot(), RouterCatalog.METHODS);

  private static Snapshot snapshot() {
    Snapshot.Builder snapshot = Neighbourhood.usual().toBuilder();
    snapshot
        .addEnsemblesBuilder()
        .mergeFrom(Neighbourhood.ensemble("over-vote", Family.FAMILY_ROUTER, "blending"))
        .addMembers(Member.newBuilder().setEnsemble("vote-wire"));
    snapshot
        .addEnsemblesBuilder()
        .mergeFrom(Neighbourhood.ensemble("over-both", Family.FAMILY_ROUTER, "blending"))
        .addMembers(Member.newBuilder().setEnsemble("vote-wire"))
        .addMembers(Member.newBuilder().setModel("anna"));
    return snapshot.build();
  }

  @Test
  void whileAllAreThereEverythingIsAnswered() {
    assertEquals(List.of(), Answerable.not(DIRECTORY, Set.of()));
  }

  @Test
  void withoutTheDecoderNothingIs() {
    assertEquals(
        DIRECTORY.served().stream().map(Entry::name).toList(),
        Answerable.not(DIRECTORY, Set.of("decoder")));
  }

  @Test
  void withoutFusionWhatHasAnotherWayIs() {
    List<String> not = Answerable.not(DIRECTORY, Set.of("fusion"));
    assertTrue(not.containsAll(List.of("vote-wire", "over-vote")), not.toString());
    for (String name : List.of("over-both", "anna", "blend", "gac")) {
      assertFalse(not.contains(name), not.toString());
    }
  }
}
