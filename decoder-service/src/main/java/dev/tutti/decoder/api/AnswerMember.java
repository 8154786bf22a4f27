package dev.tutti.decoder.api;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.PieceIndex;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.TopSession;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.openai.EndpointCalls;
import dev.tutti.decoder.runtime.openai.RemoteModel;
import dev.tutti.decoder.runtime.openai.RemoteTopSession;
import java.util.List;

/** A member of a token ensemble while it answers. */
sealed interface AnswerMember extends AutoCloseable {

  /** Equal for as long as the member's part of a plan holds. */
  Object identity();

  /** As a method sees it. */
  TokenMember part(double weight);

  /** Refuses by its length a conversation that cannot fit. */
  void requireMayFit(List<Turn> turns);

  /**
   * Its prompt. Cutting a long one into tokens takes a while: for {@link
   * dev.tutti.decoder.runtime.ComputeThreads}.
   */
  MemberPrompt prompt(List<Turn> turns);

  @Override
  void close();

  /** In memory. */
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
    public void requireMayFit(List<Turn> turns) {
      AnswerRun.requireMayFit(lease, turns);
    }

    @Override
    public MemberPrompt prompt(List<Turn> turns) {
      return new TokenPrompt(lease.model(), lease.contextLength(), AnswerRun.prompt(lease, turns));
    }

    @Override
    public void close() {
      lease.close();
    }
  }

  /** Behind endpoints. */
  record Remote(RemoteModel model, EndpointCalls calls) implements AnswerMember {

    @Override
    public Object identity() {
      return model.registered().getName();
    }

    @Override
    public TokenMember part(double weight) {
      return TokenMember.behindEndpoint(model.registered().getName(), weight);
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
      return new RemoteTopSession(member.calls(), member.model(), text, unlisted);
    }
  }
}
