package dev.tutti.learning.testing;

import com.google.common.primitives.Floats;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Embeds texts by script: all alike unless told otherwise. */
public final class ScriptedEmbedder extends DecoderServiceGrpc.DecoderServiceImplBase {

  private static final Function<String, float[]> ALIKE = _ -> new float[] {0.6f, -0.8f};

  private final AtomicInteger texts = new AtomicInteger();
  private volatile Function<String, float[]> script = ALIKE;
  private volatile String sha256 = "ab".repeat(32);

  /** From now on; may block. */
  public void script(Function<String, float[]> next) {
    script = next;
  }

  /** From now on another model embeds, of the same name. */
  public void become(String digest) {
    sha256 = digest;
  }

  /** How many texts, blank ones aside, were embedded since it was calm. */
  public int texts() {
    return texts.get();
  }

  public void calm() {
    script = ALIKE;
    sha256 = "ab".repeat(32);
    texts.set(0);
  }

  @Override
  public void embed(EmbedRequest request, StreamObserver<EmbedResponse> observer) {
    if (!request.getBody().isEmpty()) {
      // An endpoint that says what it was asked.
      observer.onNext(
          EmbedResponse.newBuilder().setBody(request.getBody()).setPromptTokens(5).build());
      observer.onCompleted();
      return;
    }
    EmbedResponse.Builder response =
        EmbedResponse.newBuilder()
            .setSha256(sha256)
            .setModel(request.getModel().isEmpty() ? "all-minilm-l6-v2" : request.getModel());
    for (String text : request.getTextsList()) {
      float[] values = script.apply(text);
      response
          .addEmbeddings(Embedding.newBuilder().addAllValues(Floats.asList(values)))
          .setPromptTokens(response.getPromptTokens() + text.length());
      if (!text.isBlank()) {
        texts.incrementAndGet();
      }
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }
}
