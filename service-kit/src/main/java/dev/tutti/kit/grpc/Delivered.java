package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.type.v1.Member;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a call delivered so far: the bill of one that ends without a completion. What it told of
 * itself counts; where it was cut off, or says nothing of what it used, the prompt of each member
 * that was asked is counted at its prices, and the text that arrived at those of the member whose
 * answer it is, a token for four characters. An answer that is passed on while it is written tells
 * what it used with its first piece and now and again from there on: what came since counts too.
 * Thread-safe.
 */
public final class Delivered {

  private final List<Member> members;
  private final Supplier<PromptSize> prompt;
  private final Set<String> asked = new HashSet<>();
  private boolean anyAsked;

  /** Whose answer arrives; empty where nobody says: then it is of all that were asked. */
  private String writer = "";

  private long characters;

  /** Of them, those that came after the last that was told. */
  private long untold;

  /** Whether something was told after the answer had begun: then it is still being written. */
  private boolean live;

  private boolean said;
  private Spent told;

  /**
   * Of a call that is about to be made.
   *
   * @param members who may answer, with prices; where the call never says whom it asks, all of them
   * @param request what they are asked
   */
  public Delivered(List<Member> members, GenerateRequest request) {
    this(members, PromptSize.later(request));
  }

  /**
   * The same, of a prompt that others are asked too.
   *
   * @param prompt its size
   */
  public Delivered(List<Member> members, Supplier<PromptSize> prompt) {
    this.members = members;
    this.prompt = prompt;
  }

  /** Takes an event of the call. */
  public synchronized void note(GenerateResponse event) {
    switch (event.getEventCase()) {
      case DELTA -> {
        said = true;
        long its = Usages.characters(event.getDelta().getText());
        characters += its;
        untold += its;
      }
      case WIRE -> {
        said = true;
        characters += event.getWire().getWrittenCharacters();
      }
      case PROGRESS -> {
        String member = event.getProgress().getMember();
        switch (event.getProgress().getStage()) {
          case Stages.ASKING -> {
            anyAsked = true;
            asked.add(member);
          }
          case Stages.ANSWERING -> {
            writer = member;
            live = false;
          }
          // What it used before, it told.
          case Stages.FAILED -> asked.remove(member);
          default -> {}
        }
      }
      case SPENT -> {
        told = event.getSpent();
        untold = 0;
        live = !writer.isEmpty();
      }
      case COMPLETION, EVENT_NOT_SET -> {}
    }
  }

  /**
   * What the call used.
   *
   * @param why it has no completion
   */
  public synchronized Spent bill(Failure why) {
    boolean cut = why instanceof Failure.Cancelled || why instanceof Failure.DeadlineExceeded;
    if (told != null && !cut) {
      return told;
    }
    // Of a single member there is nobody else to add: what it tells of its own members is its word.
    if (told != null && members.size() == 1) {
      Spent.Builder all = told.toBuilder();
      addUntold(members.getFirst(), all);
      return all.build();
    }
    if (!cut && !said) {
      return Spent.getDefaultInstance();
    }
    Set<String> known =
        told == null
            ? Set.of()
            : told.getUsage().getMembersList().stream()
                .map(MemberUsage::getMember)
                .collect(Collectors.toSet());
    Spent.Builder all = told == null ? Spent.newBuilder() : told.toBuilder();
    // An ensemble tells of its members' progress by their names, not by its own.
    boolean alone = members.size() == 1;
    for (Member member : members) {
      String name = RecipeRequest.name(member);
      boolean was = alone || !anyAsked || asked.contains(name);
      if (was && !known.contains(name)) {
        Usage its = estimate(alone || writer.isEmpty() || writer.equals(name));
        add(name, its, Usages.usd(member.getPrices(), its), all);
      } else if (known.contains(name) && writer.equals(name)) {
        addUntold(member, all);
      }
    }
    return all.build();
  }

  private void addUntold(Member member, Spent.Builder all) {
    if (live && untold > 0) {
      Usage its =
          Usage.newBuilder().setCompletionTokens(Usages.tokens(untold)).setEstimated(true).build();
      add(RecipeRequest.name(member), its, Usages.usd(member.getPrices(), its), all);
    }
  }

  private Usage estimate(boolean wrote) {
    return Usage.newBuilder()
        .setPromptTokens(Usages.tokens(prompt.get().characters()))
        .setCompletionTokens(wrote ? Usages.tokens(characters) : 0)
        .setEstimated(true)
        .build();
  }

  private void add(String name, Usage its, double usd, Spent.Builder all) {
    List<MemberUsage> before = all.getUsage().getMembersList();
    Usage.Builder sum = Usages.sum(all.getUsage(), its).toBuilder().addAllMembers(before);
    Optional<MemberUsage.Builder> told =
        sum.getMembersBuilderList().stream().filter(m -> m.getMember().equals(name)).findFirst();
    if (told.isPresent()) {
      MemberUsage.Builder own = told.get();
      own.setPromptTokens(own.getPromptTokens() + its.getPromptTokens())
          .setCompletionTokens(own.getCompletionTokens() + its.getCompletionTokens())
          .setCostUsd(own.getCostUsd() + usd);
    } else if (members.size() > 1) {
      sum.addMembers(Usages.member(name, Spent.newBuilder().setUsage(its).setCostUsd(usd).build()));
    }
    all.setUsage(sum).setCostUsd(all.getCostUsd() + usd);
  }
}
