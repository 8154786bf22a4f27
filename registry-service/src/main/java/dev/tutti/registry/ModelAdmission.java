package dev.tutti.registry;

import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Capability;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a model must fulfil to be registered. */
final class ModelAdmission {

  private static final int LONGEST_LOCATION = 1024;
  private static final Pattern DECODER = Pattern.compile(Model.DECODER);

  private ModelAdmission() {}

  /**
   * The model as it will be registered.
   *
   * @param wanted as the registrant says it
   * @param current what is registered under its name; null for a new one
   * @param state everything that is registered
   * @throws RefusedException with the reason
   */
  static Model admit(Model wanted, Model current, RegistryState state, Neighbours neighbours) {
    checkFields(wanted, current, state);
    Model model = wanted.lifecycle() == null ? wanted.at(lifecycle(current)) : wanted;
    boolean activated =
        current != null
            && current.lifecycle() != model.lifecycle()
            && model.lifecycle() == Lifecycle.LIFECYCLE_ACTIVE;
    if (current != null && !activated && sameFiles(model, current)) {
      model =
          model.inspected(
              current.contextLength(),
              current.parameters(),
              current.capabilities(),
              current.sha256(),
              current.topLogprobs() == null ? 0 : current.topLogprobs());
    } else {
      model = inspect(model, neighbours.inspect(Contracts.toInspect(model)));
    }
    if (current != null && !model.capabilities().containsAll(current.capabilities())) {
      UsersCheck.requireContent("capabilities", model, state.with(model), neighbours);
    }
    return model;
  }

  private static void checkFields(Model wanted, Model current, RegistryState state) {
    var checks = new FieldChecks();
    checks.common(wanted, current);
    checks.aliases(wanted, state);
    checks.required("runtime", wanted.runtime());
    if (wanted.runtime() == Runtime.RUNTIME_OPENAI) {
      Endpoints.check(wanted, checks);
    } else {
      checkFiles(wanted, checks);
    }
    checks.price("usd_per_million_prompt_tokens", wanted.usdPerMillionPromptTokens());
    checks.price("usd_per_million_completion_tokens", wanted.usdPerMillionCompletionTokens());
    if (wanted.usdPerMillionCachedPromptTokens() != null) {
      checks.price(
          "usd_per_million_cached_prompt_tokens", wanted.usdPerMillionCachedPromptTokens());
    }
    if (wanted.contextLength() != null && wanted.contextLength() < 1) {
      checks.wrong(
          "context_length",
          "context_length is %d; it must be at least 1 token.".formatted(wanted.contextLength()));
    }
    if (wanted.parameters() != null && wanted.parameters() < 0) {
      checks.wrong(
          "parameters", "parameters is %d; it must be at least 0.".formatted(wanted.parameters()));
    }
    if (wanted.capabilities() != null) {
      if (wanted.capabilities().contains(null)) {
        checks.wrong("capabilities", "capabilities holds null.");
      } else if (wanted.capabilities().isEmpty()) {
        checks.wrong("capabilities", "capabilities is empty; leave it out to take the model's.");
      } else if (new HashSet<>(wanted.capabilities()).size() < wanted.capabilities().size()) {
        checks.wrong("capabilities", "capabilities names one twice.");
      }
    }
    checks.readOnly("sha256", wanted.sha256(), current == null ? null : current.sha256());
    checks.readOnly(
        "top_logprobs", wanted.topLogprobs(), current == null ? null : current.topLogprobs());
    checks.refuse();
  }

  private static void checkFiles(Model wanted, FieldChecks checks) {
    if (wanted.location() == null || wanted.location().isBlank()) {
      checks.wrong("location", "location is required.");
    }
    checks.text("location", wanted.location(), LONGEST_LOCATION, false);
    if (wanted.decoder() != null && !DECODER.matcher(wanted.decoder()).matches()) {
      checks.wrong(
          "decoder",
          "decoder is '%s'; a decoder's name is 1 to 64 of a-z, 0-9 and '-', a letter first."
              .formatted(wanted.decoder()));
    }
    checks.absent("endpoints", wanted.endpoints(), "runtime openai");
    checks.absent("remote_model", wanted.remoteModel(), "runtime openai");
    checks.absent("credential", wanted.credential(), "runtime openai");
    checks.absent(
        "usd_per_million_cached_prompt_tokens",
        wanted.usdPerMillionCachedPromptTokens(),
        "runtime openai");
  }

  private static Lifecycle lifecycle(Model current) {
    return current == null ? Lifecycle.LIFECYCLE_DRAFT : current.lifecycle();
  }

  /** Whether nothing is said that only the model itself could confirm. */
  private static boolean sameFiles(Model wanted, Model current) {
    return Contracts.toInspect(wanted).equals(Contracts.toInspect(current))
        && Objects.equals(wanted.contextLength(), current.contextLength())
        && Objects.equals(wanted.parameters(), current.parameters())
        && wanted.capabilities() != null
        && new HashSet<>(wanted.capabilities()).equals(new HashSet<>(current.capabilities()));
  }

  /**
   * The model with what was found in its files; what was said may limit that, not contradict it.
   */
  private static Model inspect(Model wanted, InspectResponse found) {
    var checks = new FieldChecks();
    Integer context = found.getContextLength() > 0 ? (Integer) found.getContextLength() : null;
    if (wanted.contextLength() != null) {
      if (context != null && wanted.contextLength() > context) {
        checks.wrong(
            "context_length",
            "context_length is %d; the model takes %d tokens at most."
                .formatted(wanted.contextLength(), context));
      }
      context = wanted.contextLength();
    } else if (context == null && wanted.runtime() != Runtime.RUNTIME_OPENAI) {
      checks.wrong("context_length", "context_length is required: the model does not say its own.");
    }
    long parameters = found.getParameters();
    if (wanted.parameters() != null) {
      // What is found counts the graph's constants too.
      if (parameters > 0 && Math.abs(wanted.parameters() - parameters) > parameters * 0.05) {
        checks.wrong(
            "parameters",
            "parameters is %d; the model has about %d.".formatted(wanted.parameters(), parameters));
      }
      parameters = wanted.parameters();
    }
    var capabilities = new TreeSet<>(found.getCapabilitiesList());
    if (wanted.capabilities() != null) {
      var claimed = new TreeSet<>(wanted.capabilities());
      claimed.removeAll(capabilities);
      if (!claimed.isEmpty()) {
        checks.wrong(
            "capabilities",
            "The model cannot do %s; it can do %s.".formatted(words(claimed), words(capabilities)));
      }
      capabilities = new TreeSet<>(wanted.capabilities());
    }
    checks.refuse();
    return wanted.inspected(
        context, parameters, List.copyOf(capabilities), found.getSha256(), found.getTopLogprobs());
  }

  private static String words(Iterable<Capability> capabilities) {
    var names = new ArrayList<String>();
    capabilities.forEach(c -> names.add(ContractEnums.word(c)));
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }
}
