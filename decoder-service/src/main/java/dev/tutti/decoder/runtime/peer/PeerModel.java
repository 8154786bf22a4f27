package dev.tutti.decoder.runtime.peer;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.runtime.CallTime;
import dev.tutti.decoder.runtime.ModelFolder;
import dev.tutti.decoder.runtime.ModelLoadException;
import dev.tutti.decoder.runtime.ModelText;
import dev.tutti.decoder.v1.OutputEmbeddingsRequest;
import dev.tutti.decoder.v1.OutputEmbeddingsResponse;
import dev.tutti.decoder.v1.TokensRequest;
import dev.tutti.decoder.v1.TokensResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.FailureException;
import io.grpc.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model that another decoder holds: its text is cut into tokens here, by the files of that one,
 * and its sessions are there.
 */
public final class PeerModel implements LanguageModel {

  /** For all of a tokenizer: beyond it, it is none. */
  private static final long MOST_BYTES = 256L << 20;

  private final String name;
  private final Peer peer;
  private final ModelText text;

  private PeerModel(String name, Peer peer, ModelText text) {
    this.name = name;
    this.peer = peer;
    this.text = text;
  }

  /**
   * Fetches the files behind its tokens.
   *
   * @param name in the registry
   * @throws ModelLoadException when the other decoder does not give them, or what it gives is wrong
   */
  public static PeerModel load(String name, Peer peer) {
    // Whoever is the first to ask may leave, or have little time: others may wait for the same.
    Context alone = Context.current().fork();
    Context before = alone.attach();
    Path folder = null;
    try {
      folder = Files.createTempDirectory("tutti-tokens");
      return new PeerModel(name, peer, fetch(name, peer, folder));
    } catch (IOException e) {
      throw new ModelLoadException("Its files cannot be kept here: " + e.getMessage(), e);
    } finally {
      alone.detach(before);
      delete(folder);
    }
  }

  private static ModelText fetch(String name, Peer peer, Path path) throws IOException {
    var folder = new ModelFolder(path);
    TokensResponse first = null;
    long bytes = 0;
    var request = TokensRequest.newBuilder().setModel(name).build();
    try (var parts = ClientStream.open(() -> peer.soon().tokens(request))) {
      while (parts.hasNext()) {
        TokensResponse part = parts.next();
        first = first == null ? part : first;
        bytes += part.getData().size();
        if (!ModelFolder.isTokenFile(part.getFile()) || bytes > MOST_BYTES) {
          throw new ModelLoadException(
              "The decoder '%s' gave the file '%s', which is none of a tokenizer or too long."
                  .formatted(peer.name(), part.getFile()));
        }
        Files.write(
            folder.file(part.getFile()),
            part.getData().toByteArray(),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
    } catch (FailureException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException();
      }
      peer.ended(e, Context.current());
      throw peer.notLoaded(e);
    }
    String sha256 = folder.tokensSha256();
    if (first == null || !first.getSha256().equals(sha256) || first.getVocabularySize() < 1) {
      throw new ModelLoadException(
          "The files from the decoder '%s' have the SHA-256 %s; it says %s."
              .formatted(peer.name(), sha256, first == null ? "nothing" : first.getSha256()));
    }
    return ModelText.open(folder, first.getVocabularySize());
  }

  private static void delete(Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      // It is in the folder for what may be deleted at any time.
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Tokenizer tokenizer() {
    return text.tokenizer();
  }

  @Override
  public int contextLength() {
    return text.contextLength();
  }

  @Override
  public int[] prompt(List<Turn> turns) {
    return text.prompt(turns);
  }

  @Override
  public long leastTokens(List<Turn> turns) {
    return text.leastTokens(turns);
  }

  @Override
  public int[] rawPrompt(String raw) {
    return text.rawPrompt(raw);
  }

  @Override
  public boolean runsHere() {
    return false;
  }

  @Override
  public String tokensSha256() {
    return text.sha256();
  }

  /** {@inheritDoc} They are fetched each time. */
  @Override
  public Optional<float[][]> outputEmbeddings() {
    var request = OutputEmbeddingsRequest.newBuilder().setModel(name).build();
    var rows = new ArrayList<float[]>();
    int vocabulary = text.tokenizer().size();
    try (var parts = ClientStream.open(() -> peer.preparations().outputEmbeddings(request))) {
      while (parts.hasNext()) {
        OutputEmbeddingsResponse part = parts.next();
        float[] values = Places.floats(part.getRows());
        int width = part.getWidth();
        if (width < 1 || values.length % width != 0) {
          throw new DecodeException(
              "The decoder '%s' gave %d numbers in rows of %d."
                  .formatted(peer.name(), values.length, width));
        }
        for (int at = 0; at < values.length && rows.size() <= vocabulary; at += width) {
          rows.add(Arrays.copyOfRange(values, at, at + width));
        }
      }
    } catch (FailureException e) {
      if (Thread.currentThread().isInterrupted() || CallTime.isOver(Context.current())) {
        throw new CancelledException();
      }
      peer.ended(e, Context.current());
      throw new DecodeException(
          "The decoder '%s' gave no output embeddings of '%s': %s"
              .formatted(peer.name(), name, e.getMessage()),
          e);
    }
    if (!rows.isEmpty() && rows.size() != vocabulary) {
      throw new DecodeException(
          "The decoder '%s' gave %d rows for %d tokens."
              .formatted(peer.name(), rows.size(), vocabulary));
    }
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.toArray(float[][]::new));
  }

  @Override
  public DecodeSession open() {
    return new PeerSession(
        peer, name, text.sha256(), text.tokenizer().size(), text.contextLength());
  }

  @Override
  public void close() {
    text.close();
  }
}
