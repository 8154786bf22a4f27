package dev.tutti.kit.calls;

import dev.tutti.decoder.v1.Conversation;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Calls as they go over the wire. */
final class Wire {

  /** Tokens of a text that the platform's own embedder reads at most. */
  private static final int KEPT_TOKENS = 512;

  private Wire() {}

  /** What was asked, as a method sees it. */
  static Query query(RecipeRequest request) {
    return new Query(request.question(), request.messages().stream().map(Wire::turn).toList());
  }

  private static Turn turn(Message message) {
    return new Turn(
        switch (message.getRole()) {
          case ROLE_SYSTEM -> Turn.Role.SYSTEM;
          case ROLE_ASSISTANT -> Turn.Role.ASSISTANT;
          case ROLE_USER, ROLE_UNSPECIFIED, UNRECOGNIZED -> Turn.Role.USER;
        },
        message.getContent());
  }

  private static Message message(Turn turn) {
    return Message.newBuilder()
        .setRole(
            switch (turn.role()) {
              case SYSTEM -> Role.ROLE_SYSTEM;
              case USER -> Role.ROLE_USER;
              case ASSISTANT -> Role.ROLE_ASSISTANT;
            })
        .setContent(turn.text())
        .build();
  }

  /** The conversation of a prompt. */
  static List<Message> messages(RecipeRequest request, Prompt prompt) {
    return switch (prompt) {
      case Prompt.AsAsked _ -> request.messages();
      case Prompt.Rewritten rewritten -> rewritten.turns().stream().map(Wire::message).toList();
    };
  }

  /** The sampling with a change; what a member says of its own stands above both. */
  static Sampling changed(Sampling sampling, SamplingChange change, MemberSampling own) {
    Sampling.Builder changed = sampling.toBuilder();
    change.temperature().ifPresent(changed::setTemperature);
    if (own.hasTemperature()) {
      changed.setTemperature(own.getTemperature());
    }
    if (own.hasTopP()) {
      changed.setTopP(own.getTopP());
    }
    change
        .maxTokens()
        .ifPresent(
            most ->
                changed.setMaxTokens(
                    sampling.hasMaxTokens() ? Math.min(sampling.getMaxTokens(), most) : most));
    return changed
        .setLogprobs(sampling.getLogprobs() || change.logprobs())
        .setTopLogprobs(Math.max(sampling.getTopLogprobs(), change.topLogprobs()))
        .build();
  }

  static GenerateRequest generate(
      RecipeRequest request, Member member, Prompt prompt, Sampling sampling) {
    GenerateRequest next = request.forMember(member, sampling);
    return switch (prompt) {
      case Prompt.AsAsked _ -> next;
      case Prompt.Rewritten _ ->
          next.toBuilder()
              .clearWire()
              .clearMessages()
              .addAllMessages(messages(request, prompt))
              .build();
    };
  }

  static ScoreRequest score(RecipeRequest request, Member member, Call.Score call) {
    return ScoreRequest.newBuilder()
        .setModel(member.getModel())
        .setConversation(
            Conversation.newBuilder().addAllMessages(messages(request, call.context())))
        .addAllTexts(call.texts())
        .build();
  }

  /**
   * What a model reads to score texts: the context before each, as a request whose prompt it is.
   */
  static GenerateRequest read(ScoreRequest score) {
    GenerateRequest.Builder all = GenerateRequest.newBuilder();
    for (String text : score.getTextsList()) {
      all.addAllMessages(score.getConversation().getMessagesList())
          .addMessages(Message.newBuilder().setContent(text));
    }
    return all.build();
  }

  static EmbedRequest embed(RecipeRequest request, Call.Embed call) {
    EmbedRequest.Builder next = EmbedRequest.newBuilder().addAllTexts(call.texts());
    return call.member() == Call.PLATFORM
        ? next.setKeptTokens(KEPT_TOKENS).build()
        : next.setModel(request.members().get(call.member()).getModel()).build();
  }

  /** A member of a recipe, in a role, at what one answer of it is expected to cost. */
  static MemberCard card(Member member, String role, double expectedUsd) {
    return new MemberCard(
        RecipeRequest.name(member),
        RecipeRequest.knownAs(member),
        role,
        member.hasWeight() ? member.getWeight() : 1,
        member.getPrices().getUsdPerMillionPromptTokens(),
        member.getPrices().getUsdPerMillionCompletionTokens(),
        member.hasContextLength() ? OptionalInt.of(member.getContextLength()) : OptionalInt.empty(),
        member.hasParameters() ? OptionalLong.of(member.getParameters()) : OptionalLong.empty(),
        member.getSampling().hasN()
            ? OptionalInt.of(member.getSampling().getN())
            : OptionalInt.empty(),
        expectedUsd);
  }
}
