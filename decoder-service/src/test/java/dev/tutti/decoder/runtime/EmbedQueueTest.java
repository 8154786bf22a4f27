package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.kit.grpc.FailureException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is embedded for next. A text has as many tokens here as it has characters. */
@Timeout(20)
class EmbedQueueTest {

  private final EmbedQueue queue = new EmbedQueue(4);

  private EmbedCall call(int... lengths) {
    var texts = new ArrayList<String>();
    for (int length : lengths) {
      texts.add("x".repeat(length));
    }
    var call = new EmbedCall(texts, OptionalInt.empty());
    queue.add(call);
    return call;
  }

  private void cut() throws InterruptedException {
    var turn = assertInstanceOf(EmbedQueue.Cut.class, queue.take());
    queue.cut(turn, texts(turn));
  }

  private static List<EmbedCall.Text> texts(EmbedQueue.Cut turn) {
    var texts = new ArrayList<EmbedCall.Text>();
    for (int i = turn.from(); i < turn.to(); i++) {
      texts.add(new EmbedCall.Text(turn.call(), i, new long[turn.call().texts.get(i).length()]));
    }
    return texts;
  }

  private List<EmbedCall.Text> pass() throws InterruptedException {
    return assertInstanceOf(EmbedQueue.Pass.class, queue.take()).texts();
  }

  private static int[] many(int count, int length) {
    return Collections.nCopies(count, length).stream().mapToInt(i -> i).toArray();
  }

  @Test
  void whoAsksForLittleWaitsForOnePass() throws InterruptedException {
    EmbedCall bulk = call(many(200, 300));
    cut();
    cut();
    assertEquals(bulk, pass().getFirst().call());
    EmbedCall small = call(300);
    cut();
    assertEquals(List.of(bulk), pass().stream().map(EmbedCall.Text::call).toList());
    assertEquals(List.of(small), pass().stream().map(EmbedCall.Text::call).toList());
    assertEquals(198, queue.waiting());
  }

  @Test
  void shortTextsOfLikeLengthShareAPassWhoeverAsks() throws InterruptedException {
    EmbedCall one = call(8, 300, 7, 20);
    EmbedCall two = call(7, 24, 8, 8);
    cut();
    cut();
    assertEquals(List.of(two, two, two, one), pass().stream().map(EmbedCall.Text::call).toList());
    List<EmbedCall.Text> rest = pass();
    assertEquals(List.of(one), rest.stream().map(EmbedCall.Text::call).toList());
    assertEquals(7, rest.getFirst().ids().length);
    assertEquals(24, pass().getFirst().ids().length);
    assertEquals(20, pass().getFirst().ids().length);
    assertEquals(300, pass().getFirst().ids().length);
    assertEquals(0, queue.waiting());
  }

  @Test
  void longTextsRunByThemselves() throws InterruptedException {
    call(26, 26, 26);
    cut();
    for (int i = 0; i < 3; i++) {
      assertEquals(1, pass().size());
    }
  }

  @Test
  void muchTextIsCutInTurnsToo() throws InterruptedException {
    EmbedCall much = call(20_000, 20_000, 10_000);
    var first = assertInstanceOf(EmbedQueue.Cut.class, queue.take());
    assertEquals(new EmbedQueue.Cut(much, 0, 1), first);
    queue.cut(first, texts(first));
    EmbedCall little = call(5);
    assertEquals(little, assertInstanceOf(EmbedQueue.Cut.class, queue.take()).call());
    assertEquals(new EmbedQueue.Cut(much, 1, 3), queue.take());
  }

  @Test
  void whatNobodyWaitsForIsDropped() throws InterruptedException {
    EmbedCall gone = call(many(50, 8));
    cut();
    pass();
    EmbedCall goneWhileCut = call(3, 3);
    EmbedCall stays = call(5);
    queue.remove(gone);
    queue.remove(gone);
    cut();
    var turn = assertInstanceOf(EmbedQueue.Cut.class, queue.take());
    queue.remove(goneWhileCut);
    queue.cut(turn, texts(turn));
    assertEquals(1, queue.waiting());
    assertEquals(stays, pass().getFirst().call());
    assertEquals(0, queue.waiting());
  }

  @Test
  void tooManyAreRefused() {
    for (int i = 0; i < 4; i++) {
      call(many(2_048, 1));
    }
    FailureException refused = assertThrows(FailureException.class, () -> call(1));
    assertEquals("EMBEDDINGS_EXHAUSTED", refused.failure().reason());
    assertEquals(8_192, queue.waiting());
  }
}
