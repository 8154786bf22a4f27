package dev.tutti.decoder.runtime;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import java.time.Duration;

/** Why a model is not given out, in words; {@code field} is the path of the field that named it. */
final class ModelRefusals {

  private ModelRefusals() {}

  static FailureException nothingKnown() {
    return new Failure.Unavailable(
            "REGISTRY_UNREACHABLE", "The registry has not said yet which models there are.")
        .exception();
  }

  static FailureException unknown(String name, String field) {
    return new Failure.NotFound(field, "MODEL_NOT_FOUND", "There is no model '%s'.".formatted(name))
        .exception();
  }

  static FailureException notServed(Model model, String field) {
    String state = model.getLifecycle() == Lifecycle.LIFECYCLE_RETIRED ? "retired" : "a draft";
    return new Failure.FailedPrecondition(
            field, "MODEL_NOT_SERVED", "The model '%s' is %s.".formatted(model.getName(), state))
        .exception();
  }

  static FailureException otherRuntime(Model model, String field) {
    return new Failure.FailedPrecondition(
            field,
            "RUNTIME_NOT_SERVED",
            "The model '%s' is behind endpoints; this needs one that runs here (runtime onnx)."
                .formatted(model.getName()))
        .exception();
  }

  static FailureException loadFailed(Model model, String field, ModelLoadException why) {
    String message =
        "The model '%s' cannot be loaded: %s".formatted(model.getName(), why.getMessage());
    return new FailureException(
        why.isPassing()
            ? new Failure.Unavailable("MODEL_LOAD_FAILED", message, Duration.ofSeconds(1))
            : new Failure.FailedPrecondition(field, "MODEL_LOAD_FAILED", message),
        why);
  }

  static FailureException tooLarge(String name, String field, long bytes, long budget) {
    return new Failure.FailedPrecondition(
            field,
            "MODEL_TOO_LARGE",
            "The model '%s' takes %,d bytes; all models together may take %,d."
                .formatted(name, bytes, budget))
        .exception();
  }

  static FailureException allBusy(String name, long bytes, long budget, long used) {
    return new Failure.ResourceExhausted(
            "MEMORY_EXHAUSTED",
            "The model '%s' takes %,d bytes; of %,d, %,d are taken by models that answer now."
                .formatted(name, bytes, budget, used),
            Duration.ofSeconds(1))
        .exception();
  }
}
