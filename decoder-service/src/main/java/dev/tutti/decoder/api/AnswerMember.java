package dev.tutti.decoder.api;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TopPlan;
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
  Prompt prompt(List<Turn> turns);

  @Override
  void close();

  /** A member's prompt, ready to be gone on with. */
  interface Prompt {

    /** Its tokens, as far as they are known before it is read. */
    long tokens();

    /** Steps that fit after it. */
    int room();

    /** A session that holds it, of a plan over most probable pieces. */
    TopSession open(TopPlan plan, int member);
  }

  /** In memory. */
  record Local(ModelPool.Lease lease) implements AnswerMember {

    @Override
    public Object identity() {
      return lease.model();
    }

    @Override
    public TokenMember part(double weight) {
      return new TokenMember(lease.model().name(), weight, lease.model().tokenizer());
    }

    @Override
    public void requireMayFit(List<Turn> turns) {
      AnswerRun.requireMayFit(lease, turns);
    }

    @Override
    public LocalPrompt prompt(List<Turn> turns) {
      return new LocalPrompt(lease, AnswerRun.prompt(lease, turns));
    }

    @Override
    public void close() {
      lease.close();
    }
  }

  /** A prompt in tokens. */
  record LocalPrompt(ModelPool.Lease lease, int[] ids) implements Prompt {

    @Override
    public long tokens() {
      return ids.length;
    }

    @Override
    public int room() {
      return lease.contextLength() - ids.length;
    }

    /** A session that holds it. */
    DecodeSession open() {
      DecodeSession session = lease.model().open();
      session.append(ids);
      return session;
    }

    @Override
    public TopSession open(TopPlan plan, int member) {
      return plan.local(member, open());
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
    public Prompt prompt(List<Turn> turns) {
      return new RemotePrompt(this, String.join("\n", turns.stream().map(Turn::content).toList()));
    }

    @Override
    public void close() {}
  }

  /** A prompt in text. */
  record RemotePrompt(Remote member, String text) implements Prompt {

    @Override
    public long tokens() {
      return RemoteTopSession.estimate(text.length());
    }

    @Override
    public int room() {
      return RemoteTopSession.room(member.model().registered());
    }

    @Override
    public TopSession open(TopPlan plan, int index) {
      return new RemoteTopSession(member.calls(), member.model(), text, plan.unlisted());
    }
  }
}
