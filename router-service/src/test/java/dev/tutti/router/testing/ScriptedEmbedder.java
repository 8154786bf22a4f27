package dev.tutti.router.testing;

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

  /** From now on; may block. */
  public void script(Function<String, float[]> next) {
    script = next;
  }

  /** How many texts were embedded since it was calm. */
  public int texts() {
    return texts.get();
  }

  public void calm() {
    script = ALIKE;
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
            .setModel(request.getModel().isEmpty() ? "all-minilm-l6-v2" : request.getModel());
    for (String text : request.getTextsList()) {
      float[] values = script.apply(text);
      response
          .addEmbeddings(Embedding.newBuilder().addAllValues(Floats.asList(values)))
          .setPromptTokens(response.getPromptTokens() + text.length());
      texts.incrementAndGet();
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }
}
