package dev.tutti.decoder.api;

import dev.tutti.decoder.TokenEnsembleCatalog;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.openai.EndpointCalls;
import dev.tutti.decoder.runtime.openai.RemoteModel;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.type.v1.Capability;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Finds the members of token ensembles, in memory or behind endpoints. */
@Singleton
class AnswerMembers {

  private final ModelPool pool;
  private final RemoteModels remote;
  private final EndpointCalls endpoints;

  AnswerMembers(ModelPool pool, RemoteModels remote, EndpointCalls endpoints) {
    this.pool = pool;
    this.remote = remote;
    this.endpoints = endpoints;
  }

  /**
   * The model of this name, to be closed after the answer.
   *
   * @param method of the catalog; one that needs whole distributions gets no endpoints
   * @param field path of the field that named the model, for the refusal
   * @throws FailureException when it is unknown, not served, or cannot be loaded
   */
  AnswerMember find(String method, String name, String field) {
    Optional<RemoteModel> behindEndpoints = remote.find(name);
    boolean wholly =
        TokenEnsembleCatalog.METHODS
            .find(method)
            .orElseThrow()
            .needs()
            .contains(Capability.CAPABILITY_FULL_DISTRIBUTION);
    return behindEndpoints.isPresent() && !wholly
        ? new AnswerMember.Remote(behindEndpoints.get(), endpoints)
        : new AnswerMember.Local(pool.acquire(name, field));
  }
}
