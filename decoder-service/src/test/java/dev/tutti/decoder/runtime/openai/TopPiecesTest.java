package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.TopSession.Piece;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopPiecesTest {

  private static List<Piece> pieces(String choice, int k) throws IOException {
    return TopPieces.of(
        ChunkReader.read(
            "{\"choices\":[{\"index\":0,%s}]}".formatted(choice).getBytes(StandardCharsets.UTF_8)),
        k);
  }

  private static List<Piece> completion(String text, String finish, String token, String top)
      throws IOException {
    return pieces(
        "\"text\":\"%s\",\"finish_reason\":\"%s\",\"logprobs\":{\"tokens\":[\"%s\"],\"token_logprobs\":[-0.5],\"top_logprobs\":[{%s}]}"
            .formatted(text, finish, token, top),
        10);
  }

  private static List<String> texts(List<Piece> pieces) {
    return pieces.stream().map(p -> new String(p.bytes(), StandardCharsets.UTF_8)).toList();
  }

  @Test
  void theBestAreFirstAndThereAreAtMostK() throws IOException {
    String top = "\"b\":-2.0,\"a\":-0.5,\"c\":-1.0";
    assertEquals(List.of("a", "c", "b"), texts(completion("a", "length", "a", top)));
    assertEquals(
        List.of("a", "c"),
        texts(
            pieces(
                "\"text\":\"a\",\"finish_reason\":\"length\",\"logprobs\":{\"tokens\":[\"a\"],\"token_logprobs\":[-0.5],\"top_logprobs\":[{%s}]}"
                    .formatted(top),
                2)));
  }

  @Test
  void theTokenItselfCountsWhereItIsNotAmongTheTop() throws IOException {
    assertEquals(List.of("a"), texts(completion("a", "length", "a", "")));
    assertEquals(List.of("a", "b"), texts(completion("a", "length", "a", "\"b\":-1.0")));
  }

  @Test
  void endTokensAreOneEndAndOtherSpecialTokensAreNone() throws IOException {
    List<Piece> pieces =
        completion(
            "a",
            "length",
            "a",
            "\"a\":-1.0,\"</s>\":-2.0,\"<|im_end|>\":-2.0,\"<|im_start|>\":-0.1,\"<s>\":-3.0");
    assertEquals(
        List.of("a", ""), texts(pieces).stream().sorted((x, y) -> y.compareTo(x)).toList());
    assertEquals(
        Math.log(2) - 2,
        pieces.stream().filter(p -> p.bytes().length == 0).findFirst().orElseThrow().logprob(),
        1e-12);
  }

  @Test
  void anEndOfAnySpellingIsKnownWhereItIsTheToken() throws IOException {
    assertEquals(
        List.of("", "a"), texts(completion("", "stop", "[STOP]", "\"[STOP]\":-0.5,\"a\":-1.0")));
    List<Piece> untold = pieces("\"text\":\"\",\"finish_reason\":\"stop\",\"logprobs\":null", 10);
    assertEquals(List.of(""), texts(untold));
    assertEquals(0, untold.getFirst().logprob());
    // Half a character is no end, though no text came either.
    assertTrue(completion("", "length", "\uFFFD", "\"\uFFFD\":-0.5").isEmpty());
  }

  @Test
  void bytesAreReadHoweverTheyAreSpelt() throws IOException {
    byte[] half = {(byte) 0xE2, (byte) 0x82};
    assertArrayEquals(
        half, completion("", "length", "bytes:\\\\xe2\\\\x82", "").getFirst().bytes());
    assertArrayEquals(
        new byte[] {(byte) 0xE2}, completion("", "length", "<0xE2>", "").getFirst().bytes());
    assertEquals(List.of(" Zoë"), texts(completion(" Zoë", "length", "▁Zoë", "")));
    List<Piece> chat =
        pieces(
            "\"text\":\"\",\"finish_reason\":\"length\",\"logprobs\":{\"content\":[{\"token\":\"\uFFFD\",\"logprob\":-0.1,\"bytes\":[226,130],\"top_logprobs\":[{\"token\":\"\uFFFD\",\"logprob\":-0.1,\"bytes\":[226,130]},{\"token\":\"\uFFFD\",\"logprob\":-3.0,\"bytes\":[195]}]}]}",
            10);
    assertEquals(2, chat.size());
    assertArrayEquals(half, chat.getFirst().bytes());
    assertArrayEquals(new byte[] {(byte) 0xC3}, chat.getLast().bytes());
  }
}
