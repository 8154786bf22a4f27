package dev.tutti.decoder;

/** How many sessions of models may be in memory at once. Thread-safe. */
public interface SessionRoom {

  /** As many as there are. */
  SessionRoom BOUNDLESS =
      new SessionRoom() {
        @Override
        public boolean take() {
          return true;
        }

        @Override
        public void giveBack() {}

        @Override
        public RuntimeException refusal() {
          return new IllegalStateException("There is always room.");
        }
      };

  /** Takes the room of one session where there is any; never waits for it. */
  boolean take();

  /** Gives the room of one session back. */
  void giveBack();

  /** What is thrown where a session cannot do without room. */
  RuntimeException refusal();
}
