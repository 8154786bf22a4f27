package dev.tutti.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import dev.tutti.type.v1.Prices;
import java.util.List;

/** What is registered, in the words of the contracts in proto/. */
public final class Contracts {

  private Contracts() {}

  /** Everything but the drafts, sorted by name. */
  public static Snapshot snapshot(RegistryState state) {
    Snapshot.Builder snapshot = Snapshot.newBuilder().setRevision(state.revision());
    for (Entry entry : state.entries().values()) {
      if (entry.lifecycle() == dev.tutti.registry.v1.Lifecycle.LIFECYCLE_DRAFT) {
        continue;
      }
      switch (entry) {
        case Model model -> snapshot.addModels(model(model));
        case Ensemble ensemble -> snapshot.addEnsembles(ensemble(ensemble));
      }
    }
    return snapshot.build();
  }

  /** What the decoder looks at to tell what a model is. */
  static dev.tutti.registry.v1.Model toInspect(Model model) {
    return source(model).build();
  }

  private static dev.tutti.registry.v1.Model.Builder source(Model model) {
    var message =
        dev.tutti.registry.v1.Model.newBuilder().setName(model.name()).setRuntime(model.runtime());
    if (model.location() != null) {
      message.setLocation(model.location());
    }
    if (model.decoder() != null) {
      message.setDecoder(model.decoder());
    }
    if (model.endpoints() != null) {
      message.addAllEndpoints(model.endpoints());
    }
    if (model.remoteModel() != null) {
      message.setRemoteModel(model.remoteModel());
    }
    if (model.credential() != null) {
      message.setCredential(model.credential());
    }
    return message;
  }

  /** The model, complete. */
  public static dev.tutti.registry.v1.Model model(Model model) {
    var message =
        source(model)
            .setVersion(model.version())
            .setPrices(prices(model))
            .setParameters(model.parameters())
            .addAllCapabilities(model.capabilities())
            .setLifecycle(model.lifecycle())
            .setSha256(model.sha256())
            .setTopLogprobs(model.topLogprobs() == null ? 0 : model.topLogprobs())
            .setCreated(Timestamps.fromMillis(model.createdAt().toEpochMilli()));
    if (model.contextLength() != null) {
      message.setContextLength(model.contextLength());
    }
    if (model.description() != null) {
      message.setDescription(model.description());
    }
    if (model.aliases() != null) {
      message.addAllAliases(model.aliases());
    }
    return message.build();
  }

  /**
   * The ensemble; of its members only what was registered: who they are, weights, roles and so on.
   */
  public static dev.tutti.registry.v1.Ensemble ensemble(Ensemble ensemble) {
    var message =
        dev.tutti.registry.v1.Ensemble.newBuilder()
            .setName(ensemble.name())
            .setVersion(ensemble.version())
            .setFamily(ensemble.family())
            .setMethod(ensemble.method())
            .setSettings(struct("settings", ensemble.settings()))
            .setLifecycle(ensemble.lifecycle())
            .setRewrites(ensemble.rewrites() != null && ensemble.rewrites())
            .setCreated(Timestamps.fromMillis(ensemble.createdAt().toEpochMilli()));
    if (ensemble.timeLimitSeconds() != null) {
      message.setTimeLimit(timeLimit(ensemble));
    }
    if (ensemble.unserved() != null) {
      message.setUnserved(ensemble.unserved());
    }
    ensemble.members().forEach(member -> message.addMembers(reference(member)));
    if (ensemble.budget() != null) {
      message.setBudget(budget(ensemble.budget()));
    }
    if (ensemble.description() != null) {
      message.setDescription(ensemble.description());
    }
    if (ensemble.aliases() != null) {
      message.addAllAliases(ensemble.aliases());
    }
    return message.build();
  }

  /**
   * The ensemble with all that its method may ask of its members.
   *
   * @param state has every member
   */
  public static Recipe recipe(Ensemble ensemble, RegistryState state) {
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setEnsemble(ensemble.name())
            .setVersion(ensemble.version() == null ? 0 : ensemble.version())
            .setMethod(ensemble.method())
            .setSettings(struct("settings", ensemble.settings()));
    for (Ensemble.Member member : ensemble.members()) {
      Member.Builder resolved = reference(member);
      Entry entry = state.find(member.ref()).orElseThrow();
      resolved.addAllCapabilities(capabilities(entry));
      if (entry instanceof Model model) {
        resolved.setPrices(prices(model));
        if (model.contextLength() != null) {
          resolved.setContextLength(model.contextLength());
        }
        if (model.parameters() > 0) {
          resolved.setParameters(model.parameters());
        }
      }
      recipe.addMembers(resolved);
    }
    if (ensemble.budget() != null) {
      recipe.setBudget(budget(ensemble.budget()));
    }
    if (ensemble.timeLimitSeconds() != null) {
      recipe.setTimeLimit(timeLimit(ensemble));
    }
    return recipe.build();
  }

  /** What it can do as a member. */
  public static List<Capability> capabilities(Entry entry) {
    return switch (entry) {
      case Model model -> model.capabilities();
      case Ensemble ensemble when ensemble.family() == Family.FAMILY_TOKEN ->
          List.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS);
      case Ensemble _ -> List.of(Capability.CAPABILITY_GENERATION);
    };
  }

  /**
   * JSON as it travels.
   *
   * @param field that holds it, for messages
   * @throws RefusedException {@link Refusal.Invalid} where they hold what a Struct cannot: numbers
   *     beyond a double's range, NUL characters, more than 64 levels
   */
  public static Struct struct(String field, ObjectNode given) {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(given.toString(), struct);
    } catch (InvalidProtocolBufferException e) {
      throw Refusal.invalid(
          field, "%s holds what cannot be handed on: %s".formatted(field, e.getMessage()));
    }
    return struct.build();
  }

  private static Member.Builder reference(Ensemble.Member member) {
    Member.Builder message = Member.newBuilder();
    switch (member.kind()) {
      case MODEL -> message.setModel(member.model());
      case ENSEMBLE -> message.setEnsemble(member.ensemble());
    }
    if (member.weight() != null) {
      message.setWeight(member.weight());
    }
    if (member.as() != null) {
      message.setAs(member.as());
    }
    if (member.role() != null) {
      message.setRole(member.role());
    }
    if (member.sampling() != null) {
      message.setSampling(sampling(member.sampling()));
    }
    return message;
  }

  private static MemberSampling sampling(Ensemble.Sampling sampling) {
    MemberSampling.Builder message = MemberSampling.newBuilder();
    if (sampling.temperature() != null) {
      message.setTemperature(sampling.temperature());
    }
    if (sampling.topP() != null) {
      message.setTopP(sampling.topP());
    }
    if (sampling.n() != null) {
      message.setN(sampling.n());
    }
    return message.build();
  }

  private static Prices prices(Model model) {
    Prices.Builder prices =
        Prices.newBuilder()
            .setUsdPerMillionPromptTokens(model.usdPerMillionPromptTokens())
            .setUsdPerMillionCompletionTokens(model.usdPerMillionCompletionTokens());
    if (model.usdPerMillionCachedPromptTokens() != null) {
      prices.setUsdPerMillionCachedPromptTokens(model.usdPerMillionCachedPromptTokens());
    }
    return prices.build();
  }

  private static Duration timeLimit(Ensemble ensemble) {
    return Durations.fromMillis(Math.round(ensemble.timeLimitSeconds() * 1_000));
  }

  private static Budget budget(Ensemble.Budget budget) {
    Budget.Builder limits = Budget.newBuilder();
    if (budget.usdPerRequest() != null) {
      limits.setUsdPerRequest(budget.usdPerRequest());
    }
    if (budget.usdPerDay() != null) {
      limits.setUsdPerDay(budget.usdPerDay());
    }
    return limits.build();
  }
}
