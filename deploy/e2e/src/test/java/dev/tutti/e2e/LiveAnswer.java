package dev.tutti.e2e;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An answer that is being written, read over gRPC. */
final class LiveAnswer {
  private final Iterator<GenerateResponse> events;
  final StringBuilder text = new StringBuilder();
  Optional<Progress> failed = Optional.empty();
  Optional<Completion> completion = Optional.empty();
  Optional<Status> end = Optional.empty();

  LiveAnswer(String model, String prompt) {
    events =
        GenerationServiceGrpc.newBlockingStub(Platform.grpc())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .generate(
                GenerateRequest.newBuilder()
                    .setName(model)
                    .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(prompt))
                    .setSampling(Sampling.newBuilder().setTemperature(0))
                    .build());
  }

  /** Reads until something is written. */
  LiveAnswer begun() {
    while (text.isEmpty()) {
      read();
    }
    return this;
  }

  /** Reads the rest. */
  LiveAnswer ended() {
    try {
      while (events.hasNext()) {
        read();
      }
    } catch (StatusRuntimeException e) {
      end = Optional.of(e.getStatus());
    }
    return this;
  }

  private void read() {
    GenerateResponse event = events.next();
    text.append(event.getDelta().getText());
    if (event.hasProgress() && event.getProgress().getStage().equals("failed")) {
      failed = Optional.of(event.getProgress());
    }
    if (event.hasCompletion()) {
      completion = Optional.of(event.getCompletion());
    }
  }
}
