package dev.tutti.decoder.answer;

import com.google.protobuf.ByteString;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelFolder;
import dev.tutti.decoder.runtime.ModelLoadException;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.OnnxModelLoader;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.decoder.runtime.peer.Places;
import dev.tutti.decoder.v1.OutputEmbeddingsResponse;
import dev.tutti.decoder.v1.TokensResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What another decoder needs of a model that this one holds, beside its sessions. */
@Singleton
public class GuestFiles {

  private static final int PART = 1 << 20;

  private final ModelPool pool;
  private final Peers peers;
  private final OnnxModelLoader loader;
  private final ComputeThreads threads;

  /** Of models that this decoder loads so. */
  public GuestFiles(ModelPool pool, Peers peers, OnnxModelLoader loader, ComputeThreads threads) {
    this.pool = pool;
    this.peers = peers;
    this.loader = loader;
    this.threads = threads;
  }

  /**
   * The files behind a model's tokens.
   *
   * @throws FailureException when it is not held here, or they cannot be read
   */
  public void tokens(String model, EventSink<TokensResponse> sink) {
    peers.requireHere(pool.registered(model, "model"));
    try (ModelPool.Lease lease = pool.acquire(model, "model")) {
      ModelFolder folder = loader.folder(lease.registered().getLocation());
      TokensResponse.Builder part =
          TokensResponse.newBuilder()
              .setSha256(folder.tokensSha256())
              .setVocabularySize(lease.model().tokenizer().size());
      for (Path file : folder.tokenFiles()) {
        part.setFile(file.getFileName().toString());
        try (InputStream in = Files.newInputStream(file)) {
          byte[] data = in.readNBytes(PART);
          do {
            sink.emit(part.setData(ByteString.copyFrom(data)).build());
            part.clearSha256().clearVocabularySize();
            data = in.readNBytes(PART);
          } while (data.length > 0);
        }
      }
    } catch (IOException | ModelLoadException e) {
      throw new FailureException(
          new Failure.FailedPrecondition(
              "model", "MODEL_LOAD_FAILED", "The files of '%s' cannot be read.".formatted(model)),
          e);
    }
  }

  /**
   * A model's output embeddings.
   *
   * @throws FailureException when it is not held here
   */
  public void outputEmbeddings(String model, EventSink<OutputEmbeddingsResponse> sink) {
    peers.requireHere(pool.registered(model, "model"));
    try (ModelPool.Lease lease = pool.acquire(model, "model")) {
      Optional<float[][]> matrix = threads.run(() -> lease.model().outputEmbeddings());
      if (matrix.isPresent()) {
        float[][] rows = matrix.get();
        int width = rows[0].length;
        int many = Math.max(1, PART / (width * Float.BYTES));
        for (int from = 0; from < rows.length; from += many) {
          int count = Math.min(many, rows.length - from);
          var part = new float[count * width];
          for (int r = 0; r < count; r++) {
            System.arraycopy(rows[from + r], 0, part, r * width, width);
          }
          sink.emit(
              OutputEmbeddingsResponse.newBuilder()
                  .setWidth(width)
                  .setRows(Places.bytes(part))
                  .build());
        }
      }
    }
  }
}
