package dev.tutti.decoder.answer;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointSettings;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.PieceIndex;
import dev.tutti.decoder.PromptException;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.TopSession;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.openai.EndpointCalls;
import dev.tutti.decoder.runtime.openai.RemoteModel;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.runtime.openai.RemoteTopSession;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.type.v1.Capability;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A model while it answers, by itself or as a member of a token ensemble. */
public sealed interface AnswerMember extends AutoCloseable {

  /** Equal for as long as the member's part of a plan holds. */
  Object identity();

  /** SHA-256 over its files, as the registry has it; empty where it is not known. */
  String sha256();

  /** As a method sees it. */
  TokenMember part(double weight);

  /** Whether its steps compute here, and do not wait for another machine. */
  boolean computes();

  /** Whether somebody bills each of its steps, whatever becomes of the answer. */
  boolean bills();

  /**
   * Refuses by its length a conversation that cannot fit, before anything waits for it.
   *
   * @throws FailureException as {@link #prompt}
   */
  void requireMayFit(List<Turn> turns);

  /**
   * Its prompt. Cutting a long one into tokens takes a while: for {@link
   * dev.tutti.decoder.runtime.ComputeThreads}, within a permit.
   *
   * @throws FailureException when the model refuses the conversation, its template fails, or it
   *     leaves no room for an answer
   */
  MemberPrompt prompt(List<Turn> turns);

  @Override
  void close();

  /** Finds members, in memory or behind endpoints. */
  @Singleton
  final class Finder {

    private final MethodCatalog<JointEnsemble> methods;
    private final ModelPool pool;
    private final RemoteModels remote;
    private final EndpointCalls endpoints;

    /** A finder. */
    public Finder(
        MethodCatalog<JointEnsemble> methods,
        ModelPool pool,
        RemoteModels remote,
        EndpointCalls endpoints) {
      this.methods = methods;
      this.pool = pool;
      this.remote = remote;
      this.endpoints = endpoints;
    }

    /**
     * The model of this name, to be closed after the answer.
     *
     * @param method of the catalog; one that needs whole distributions gets no endpoints
     * @param field path of the field that named the model, for the refusal
     * @param settings what becomes of it when it fails
     * @throws FailureException when it is unknown, not served, or cannot be loaded
     */
    AnswerMember find(String method, String name, String field, JointSettings settings) {
      Optional<RemoteModel> behindEndpoints = remote.find(name);
      boolean wholly =
          methods
              .find(method)
              .orElseThrow()
              .needs()
              .contains(Capability.CAPABILITY_FULL_DISTRIBUTION);
      return behindEndpoints.isPresent() && !wholly
          ? new Remote(
              behindEndpoints.get(),
              endpoints,
              settings.onMemberFailure() == JointSettings.OnMemberFailure.DROP)
          : new Local(pool.acquire(name, field));
    }
  }

  /** A model of files, here or on another decoder. */
  record Local(ModelPool.Lease lease) implements AnswerMember {

    @Override
    public Object identity() {
      return lease.model();
    }

    @Override
    public TokenMember part(double weight) {
      return TokenMember.of(lease.model(), weight);
    }

    @Override
    public String sha256() {
      return lease.registered().getSha256();
    }

    @Override
    public boolean computes() {
      return lease.model().runsHere();
    }

    @Override
    public boolean bills() {
      return false;
    }

    @Override
    public void requireMayFit(List<Turn> turns) {
      long least = read(() -> lease.model().leastTokens(turns));
      if (least >= lease.contextLength()) {
        throw tooLong("at least " + least);
      }
    }

    @Override
    public TokenPrompt prompt(List<Turn> turns) {
      int[] ids = read(() -> lease.model().prompt(turns));
      if (ids.length == 0) {
        throw Failure.invalid(
            "messages", "The messages leave '%s' no token.".formatted(lease.model().name()));
      }
      if (ids.length >= lease.contextLength()) {
        throw tooLong(Integer.toString(ids.length));
      }
      return new TokenPrompt(lease.model(), lease.contextLength(), ids);
    }

    private static <T> T read(Supplier<T> reading) {
      try {
        return reading.get();
      } catch (PromptException e) {
        throw Failure.invalid("messages", e.getMessage());
      } catch (DecodeException e) {
        throw new FailureException(new Failure.Internal("MODEL_FAILED", e.getMessage()), e);
      }
    }

    private FailureException tooLong(String tokens) {
      return new Failure.InvalidArgument(
              "messages",
              "CONTEXT_LENGTH_EXCEEDED",
              "The prompt has %s tokens; '%s' holds %d, prompt and answer together."
                  .formatted(tokens, lease.model().name(), lease.contextLength()))
          .exception();
    }

    @Override
    public void close() {
      lease.close();
    }
  }

  /**
   * Behind endpoints.
   *
   * @param dropped whether the answer goes on without it when it fails
   */
  record Remote(RemoteModel model, EndpointCalls calls, boolean dropped) implements AnswerMember {

    @Override
    public Object identity() {
      return model.registered().getName();
    }

    @Override
    public TokenMember part(double weight) {
      return TokenMember.behindEndpoint(model.registered().getName(), weight);
    }

    @Override
    public String sha256() {
      return "";
    }

    @Override
    public boolean computes() {
      return false;
    }

    @Override
    public boolean bills() {
      return true;
    }

    @Override
    public void requireMayFit(List<Turn> turns) {
      // The endpoint says so itself.
    }

    @Override
    public MemberPrompt prompt(List<Turn> turns) {
      return new RemotePrompt(this, String.join("\n", turns.stream().map(Turn::content).toList()));
    }

    @Override
    public void close() {}
  }

  /** A prompt in text. */
  record RemotePrompt(Remote member, String text) implements MemberPrompt {

    @Override
    public long tokens() {
      return RemoteTopSession.estimate(text.length());
    }

    @Override
    public int room() {
      return RemoteTopSession.room(member.model().registered());
    }

    @Override
    public DecodeSession open() {
      throw new IllegalStateException(
          "'%s' is behind endpoints, which tell no whole distribution."
              .formatted(member.model().registered().getName()));
    }

    @Override
    public TopSession openTop(PieceIndex index, double unlisted) {
      return new RemoteTopSession(member.calls(), member.model(), text, unlisted, member.dropped());
    }
  }
}
