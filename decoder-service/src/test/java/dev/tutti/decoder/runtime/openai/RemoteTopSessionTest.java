package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.registry.v1.Model;
import org.junit.jupiter.api.Test;

class RemoteTopSessionTest {

  @Test
  void aContextThatNobodyTellsIsNoWall() {
    assertEquals(7, RemoteTopSession.room(Model.newBuilder().setContextLength(7).build()));
    assertEquals(RemoteTopSession.UNKNOWN, RemoteTopSession.room(Model.getDefaultInstance()));
  }
}
