package dev.tutti.decoder.runtime.openai;

import java.util.Set;

/** What an endpoint is sent, and which fields of it are this service's own idea. */
interface EndpointBody {

  /**
   * Fields that may be left out, or be called otherwise, where an endpoint refuses them: their
   * caller did not write them.
   *
   * @param without those that are left out already
   */
  Set<String> added(Set<String> without);

  /**
   * The JSON to send.
   *
   * @param without fields of {@link #added} to leave out
   */
  byte[] bytes(Set<String> without);

  /** Bytes of all of it. */
  default int length() {
    return bytes(Set.of()).length;
  }

  /** A body that is sent as it is, or not at all. */
  static EndpointBody as(byte[] bytes) {
    return new EndpointBody() {
      @Override
      public Set<String> added(Set<String> without) {
        return Set.of();
      }

      @Override
      public byte[] bytes(Set<String> without) {
        return bytes;
      }
    };
  }
}
