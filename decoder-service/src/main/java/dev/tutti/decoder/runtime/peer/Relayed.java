package dev.tutti.decoder.runtime.peer;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Model;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.MetadataUtils;
import java.util.Optional;

/**
 * Marks calls that a decoder passes on to the one that holds the model, which never passes them on
 * again: where two of them do not agree on who holds it, a call would go round for ever.
 */
public final class Relayed {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("tutti-relayed-by", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<String> BY = Context.key("tutti-relayed-by");

  private Relayed() {}

  /**
   * Marks every call of a channel.
   *
   * @param own name of this decoder; may be empty
   */
  static ClientInterceptor marking(String own) {
    var headers = new Metadata();
    headers.put(HEADER, own);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /** Sees whether a call is marked. */
  public static final class Interceptor implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String by = headers.get(HEADER);
      return by == null
          ? next.startCall(call, headers)
          : Contexts.interceptCall(Context.current().withValue(BY, by), call, headers, next);
    }
  }

  static void requireNone(Model model, Optional<String> own) {
    if (BY.get() != null) {
      throw elsewhere(model, own);
    }
  }

  static FailureException elsewhere(Model model, Optional<String> own) {
    return new Failure.FailedPrecondition(
            "model.decoder",
            "MODEL_ELSEWHERE",
            ("The decoder '%s' was asked for '%s' as the one that holds it, but '%s' does: their"
                    + " names (tutti.decoder.name, tutti.decoder.peers), or what they know of the"
                    + " registry, differ.")
                .formatted(own.orElse("without a name"), model.getName(), model.getDecoder()))
        .exception();
  }
}
