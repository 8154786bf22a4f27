package dev.tutti.router.answer;

import com.google.protobuf.util.Durations;
import dev.tutti.generation.v1.Choice;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Timing;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Usages;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** Several completions as one. */
final class Completions {

  private Completions() {}

  /** What an answer used. */
  static Spent spent(Completion its) {
    return Spent.newBuilder().setUsage(its.getUsage()).setCostUsd(its.getCostUsd()).build();
  }

  /** The completion of an answer with these choices, in their order; at least one. */
  static Completion together(Completion... choices) {
    Completion first = choices[0];
    Spent all = total(Stream.of(choices).map(Completions::spent).toList());
    Completion.Builder whole =
        first.toBuilder()
            .setUsage(all.getUsage())
            .setCostUsd(all.getCostUsd())
            .setTiming(timing(List.of(choices)));
    for (Completion its : choices) {
      whole.addChoices(
          Choice.newBuilder()
              .setText(its.getText())
              .setFinishReason(its.getFinishReason())
              .setAuthor(its.getAuthor())
              .addAllToolCalls(its.getToolCallsList()));
      if (its != first && its.hasDecision()) {
        whole.getDecisionBuilder().addNested(its.getDecision());
      }
    }
    return whole.build();
  }

  /** The sum, by member where the parts are. */
  static Spent total(Collection<Spent> parts) {
    Usage all = Usage.getDefaultInstance();
    double usd = 0;
    var members = new LinkedHashMap<String, Spent>();
    for (Spent part : parts) {
      all = Usages.sum(all, part.getUsage());
      usd += part.getCostUsd();
      for (MemberUsage its : part.getUsage().getMembersList()) {
        members.merge(its.getMember(), spent(its), Completions::sum);
      }
    }
    Usage.Builder usage = all.toBuilder();
    members.forEach((name, its) -> usage.addMembers(Usages.member(name, its)));
    return parts.isEmpty()
        ? Spent.getDefaultInstance()
        : Spent.newBuilder().setUsage(usage).setCostUsd(usd).build();
  }

  private static Spent sum(Spent one, Spent other) {
    return Spent.newBuilder()
        .setUsage(Usages.sum(one.getUsage(), other.getUsage()))
        .setCostUsd(one.getCostUsd() + other.getCostUsd())
        .build();
  }

  private static Spent spent(MemberUsage its) {
    return Spent.newBuilder()
        .setUsage(
            Usage.newBuilder()
                .setPromptTokens(its.getPromptTokens())
                .setCompletionTokens(its.getCompletionTokens())
                .setCachedPromptTokens(its.getCachedPromptTokens())
                .setReasoningTokens(its.getReasoningTokens())
                .setAudioPromptTokens(its.getAudioPromptTokens())
                .setAudioCompletionTokens(its.getAudioCompletionTokens()))
        .setCostUsd(its.getCostUsd())
        .build();
  }

  /** From the first token of any to the end of all. */
  private static Timing timing(List<Completion> choices) {
    Timing.Builder timing = choices.getFirst().getTiming().toBuilder();
    for (Completion its : choices) {
      if (its.getTiming().hasFirstToken()
          && (!timing.hasFirstToken()
              || Durations.compare(its.getTiming().getFirstToken(), timing.getFirstToken()) < 0)) {
        timing.setFirstToken(its.getTiming().getFirstToken());
      }
      if (Durations.compare(its.getTiming().getTotal(), timing.getTotal()) > 0) {
        timing.setTotal(its.getTiming().getTotal());
      }
    }
    return timing.build();
  }
}
