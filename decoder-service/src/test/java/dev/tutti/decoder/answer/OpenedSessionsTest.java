package dev.tutti.decoder.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.fixture.ScriptedModel;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedSessionsTest {

  private final ScriptedModel model = ScriptedModel.constant("m", List.of("a"), 1, 0);

  @Test
  void whatAPlanThatFailsHasOpenedIsClosed() {
    var opened = OpenedSessions.of(List.of(model.asked(), model.asked()));
    opened.prompts().forEach(MemberPrompt::open);
    opened.prompts().getFirst().open();
    assertEquals(3, model.openSessions.get());
    opened.close();
    assertEquals(0, model.openSessions.get());
  }

  @Test
  void whatAnAnswerHasClosedStaysClosed() {
    var opened = OpenedSessions.of(List.of(model.asked()));
    try (opened;
        DecodeSession session = opened.prompts().getFirst().open()) {
      assertEquals(1, session.length());
    }
    assertEquals(0, model.openSessions.get());
  }

  @Test
  void oneThatCannotBeClosedKeepsNoOtherOpen() {
    var opened = OpenedSessions.of(List.of(model.asked(), model.asked()));
    var stuck =
        (DecodeSession)
            Proxy.newProxyInstance(
                DecodeSession.class.getClassLoader(),
                new Class<?>[] {DecodeSession.class},
                (_, _, _) -> {
                  throw new DecodeException("gone");
                });
    opened.sessions().getFirst().add(stuck);
    opened.prompts().forEach(MemberPrompt::open);
    assertThrows(DecodeException.class, opened::close);
    assertEquals(0, model.openSessions.get());
  }
}
