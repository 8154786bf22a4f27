package dev.tutti.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Unserved;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Several members behind one name.
 *
 * @param name unique over models and ensembles, see {@link Names}
 * @param aliases other names of the same thing, 0 to 16, unique with the names; null for none
 * @param method name of its method
 * @param settings the method's settings by name; those that are left out take the method's defaults
 * @param members 1 to 64, in order
 * @param budget limits of what it costs; absent for none
 * @param timeLimitSeconds longest time of an answer, &gt; 0 and at most a day; absent for the
 *     router's own limit
 * @param unserved what becomes of a request's fields that cannot be served, where it does not say
 *     itself; absent for refuse
 * @param lifecycle how far it is in its life
 * @param description for people
 * @param version grows by one with every change
 * @param createdAt when its first version was registered
 * @param updatedAt when this version was registered
 * @param family where its method works
 * @param rewrites true where its method rewrites prompts, absent where it does not
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "Several members behind one name.")
public record Ensemble(
    @Schema(
            required = true,
            pattern = Names.PATTERN,
            maxLength = Names.LONGEST,
            description = "Unique over models and ensembles; capitals count.",
            examples = "adders-vote")
        String name,
    @Schema(
            maxItems = 16,
            description =
                "Other names of the same thing, unique with all names; whoever asks for one of them gets this.")
        List<String> aliases,
    @Schema(
            required = true,
            maxLength = 64,
            description = "Name of its method, as /api/v1/methods tells it.",
            examples = "majority-vote")
        String method,
    @Schema(
            type = SchemaType.OBJECT,
            implementation = Object.class,
            description =
                "The method's settings by name; absent ones take the method's defaults, unknown ones are refused.")
        ObjectNode settings,
    @Schema(required = true, minItems = 1, maxItems = 64, description = "In order.")
        List<Member> members,
    @Schema(description = "Limits of what it costs; none where it is absent.") Budget budget,
    @Schema(
            examples = "60",
            maximum = "86400",
            description =
                "Longest time of an answer, in seconds, above 0; where it is absent, or longer, the router's own limit.")
        Double timeLimitSeconds,
    @Schema(
            type = SchemaType.STRING,
            enumeration = {"refuse", "drop"},
            defaultValue = "refuse",
            description =
                "What becomes of a request's fields that would change the answer and cannot be served (tools, images, ...),"
                    + " where it does not say itself by x-tutti-unserved: the request is refused, or they are dropped and named"
                    + " in x-tutti-dropped.")
        Unserved unserved,
    @Schema(
            type = SchemaType.STRING,
            enumeration = {"draft", "active", "deprecated", "retired"},
            defaultValue = "draft",
            description =
                "Drafts are not served, deprecated ones are but nothing new should use them, retired ones are kept"
                    + " for the record.")
        Lifecycle lifecycle,
    @Schema(maxLength = 2000, description = "For people.") String description,
    @Schema(readOnly = true, description = "Grows by one with every change; also the ETag.")
        Long version,
    @Schema(readOnly = true, description = "When its first version was registered.")
        Instant createdAt,
    @Schema(readOnly = true, description = "When this version was registered.") Instant updatedAt,
    @Schema(
            readOnly = true,
            type = SchemaType.STRING,
            enumeration = {"router", "token", "span", "process", "fusion", "cascade"},
            description = "Where its method works; says which service answers.")
        Family family,
    @Schema(
            readOnly = true,
            description =
                "true where its method rewrites prompts, so that tools, response_format and pictures of a request reach"
                    + " none of its members and are refused; absent where it does not.")
        Boolean rewrites)
    implements Entry {

  /**
   * A member: a model or an ensemble.
   *
   * @param model name of a model; absent for an ensemble
   * @param ensemble name of an ensemble; absent for a model
   * @param weight prior weight, &gt; 0 and finite; absent for 1
   * @param as the name by which datasets, and so artifacts, know it, 1 to 128 characters; absent
   *     for its own
   * @param role what it does in the ensemble, one of those that the method has; absent for the
   *     method's usual one
   * @param sampling how its answers are drawn; absent where the method and the request say it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Member", description = "A member: exactly one of model and ensemble.")
  public record Member(
      @Schema(description = "Name of a model.", examples = "adder-strong") String model,
      @Schema(description = "Name of an ensemble.") String ensemble,
      @Schema(description = "Prior weight, above 0; 1 where it is absent.") Double weight,
      @Schema(
              minLength = 1,
              maxLength = Names.LONGEST,
              description =
                  "The name by which datasets know it, unique in the ensemble; its own where it is absent.",
              examples = "WizardLM/WizardLM-13B-V1.2")
          String as,
      @Schema(
              minLength = 1,
              maxLength = LONGEST_ROLE,
              description =
                  "What it does in the ensemble, one of `roles` of the method; the method's usual one where it is absent.",
              examples = "aggregator")
          String role,
      @Schema(
              description =
                  "How its answers are drawn, above what the method's settings and the request say. Taken by methods of the"
                      + " families fusion and cascade.")
          Sampling sampling) {

    /** Most characters of a role. */
    static final int LONGEST_ROLE = 64;

    /** The name that it refers to. */
    public String ref() {
      return ensemble == null ? model : ensemble;
    }

    /** The kind that it says it is. */
    public Kind kind() {
      return ensemble == null ? Kind.MODEL : Kind.ENSEMBLE;
    }

    /** The same by the entry's own name, where it was called by an alias. */
    Member named(String own) {
      return ensemble == null
          ? new Member(own, null, weight, as, role, sampling)
          : new Member(null, own, weight, as, role, sampling);
    }
  }

  /**
   * How the answers of one member are drawn; at least one of them.
   *
   * @param temperature 0 to 2; absent as the method or the request says
   * @param topP probability mass kept, in (0, 1]; absent as the request says
   * @param n how many answers it gives, 1 to 64; absent as the method says
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(
      name = "MemberSampling",
      description = "How the answers of one member are drawn; at least one of them.")
  public record Sampling(
      @Schema(minimum = "0", maximum = "2", description = "0 is greedy.", examples = "0.7")
          Double temperature,
      @Schema(maximum = "1", description = "Probability mass kept, above 0.") Double topP,
      @Schema(
              minimum = "1",
              maximum = "64",
              description =
                  "How many answers it gives; of methods of fusion with the setting samples only.",
              examples = "5")
          Integer n) {}

  /**
   * Limits of what it costs; at least one of them.
   *
   * @param usdPerRequest US dollars, &gt; 0 and finite; absent for no limit
   * @param usdPerDay US dollars in any 24 hours, &gt; 0 and finite; absent for no limit
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Budget", description = "Limits of what it costs; at least one of them.")
  public record Budget(
      @Schema(description = "US dollars at most for a request, above 0.") Double usdPerRequest,
      @Schema(
              description =
                  "US dollars at most in any 24 hours, above 0; paid out evenly, half an hour's worth is kept.")
          Double usdPerDay) {}

  @Override
  public Ensemble at(Lifecycle next) {
    return new Ensemble(
        name,
        aliases,
        method,
        settings,
        members,
        budget,
        timeLimitSeconds,
        unserved,
        next,
        description,
        version,
        createdAt,
        updatedAt,
        family,
        rewrites);
  }

  @Override
  public Ensemble stamped(long number, Instant created, Instant updated) {
    return new Ensemble(
        name,
        aliases,
        method,
        settings,
        members,
        budget,
        timeLimitSeconds,
        unserved,
        lifecycle,
        description,
        number,
        created,
        updated,
        family,
        rewrites);
  }

  /** The same with these settings. */
  Ensemble with(ObjectNode given) {
    return new Ensemble(
        name,
        aliases,
        method,
        given,
        members,
        budget,
        timeLimitSeconds,
        unserved,
        lifecycle,
        description,
        version,
        createdAt,
        updatedAt,
        family,
        rewrites);
  }

  /** The same, with what its method says of itself. */
  Ensemble answeredBy(MethodDescription its) {
    return new Ensemble(
        name,
        aliases,
        method,
        settings,
        members,
        budget,
        timeLimitSeconds,
        unserved,
        lifecycle,
        description,
        version,
        createdAt,
        updatedAt,
        its.getFamily(),
        its.getRewrites() ? true : null);
  }

  /** The same with these members. */
  Ensemble with(List<Member> others) {
    return new Ensemble(
        name,
        aliases,
        method,
        settings,
        others,
        budget,
        timeLimitSeconds,
        unserved,
        lifecycle,
        description,
        version,
        createdAt,
        updatedAt,
        family,
        rewrites);
  }

  @Override
  public Ensemble without(Entry told) {
    var its = (Ensemble) told;
    return new Ensemble(
        name,
        aliases,
        method,
        settings,
        members,
        budget,
        timeLimitSeconds,
        unserved,
        Entry.unless(lifecycle, its.lifecycle),
        description,
        Entry.unless(version, its.version),
        Entry.unless(createdAt, its.createdAt),
        Entry.unless(updatedAt, its.updatedAt),
        Entry.unless(family, its.family),
        Entry.unless(rewrites, its.rewrites));
  }

  /** Names of the ensembles among its members. */
  public List<String> nested() {
    return members.stream().filter(m -> m.ensemble() != null).map(Member::ensemble).toList();
  }
}
