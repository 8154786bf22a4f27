package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.admin.DecisionAdmin;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.DecisionItem;
import dev.tutti.registry.api.DecisionResource;
import dev.tutti.registry.api.FeedbackItem;
import dev.tutti.registry.api.Page;
import dev.tutti.router.v1.DecisionFailure;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The pages of decisions: why requests were answered as they were. */
@Browsed
@Path("/console/decisions")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class DecisionPages {

  private static final String PAGES = "/console/decisions";
  private static final String REST = "/api/v1/decisions";
  private static final Pattern NESTED = Pattern.compile(".+\\.[1-9][0-9]{0,3}", Pattern.DOTALL);
  private static final List<String> FILTERS =
      List.of("ensemble", "member", "team", "key", "failed", "from", "to");
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "time",
          "ensemble",
          "ensemble_version",
          "method",
          "members",
          "team",
          "key",
          "prompt_tokens",
          "completion_tokens",
          "cost_usd",
          "estimated",
          "failed");
  private static final List<String> CANDIDATE_COLUMNS =
      List.of(
          "number",
          "member",
          "role",
          "state",
          "score",
          "deviation",
          "propensity",
          "weight",
          "expected_usd",
          "cost_usd",
          "seconds",
          "failure",
          "answer");
  private static final List<String> FEEDBACK_COLUMNS =
      List.of(
          "key", "time", "source", "member", "rating", "correct", "failed", "winner", "loser",
          "tie", "comment", "refused");

  private final DecisionResource decisions;
  private final DecisionAdmin admin;
  private final Visit visit;
  private final ObjectMapper json;

  DecisionPages(DecisionResource decisions, DecisionAdmin admin, Visit visit, ObjectMapper json) {
    this.decisions = decisions;
    this.admin = admin;
    this.visit = visit;
    this.json = json;
  }

  /**
   * Decisions, a part of them.
   *
   * @param decisions newest first
   * @param asked what they are filtered by; without a value where they are not
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(
      List<DecisionItem> decisions, Map<String, String> asked, String next, String csv) {

    /** What a filter was asked for; empty for all. */
    public String asked(String filter) {
      return Asked.shown(asked.get(filter));
    }

    /** Whether only some are looked for. */
    public boolean isFiltered() {
      return asked.values().stream().anyMatch(value -> value != null);
    }
  }

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @QueryParam("cursor") String cursor,
      @QueryParam("ensemble") String ensemble,
      @QueryParam("member") String member,
      @QueryParam("team") String team,
      @QueryParam("key") String key,
      @QueryParam("failed") String failed,
      @QueryParam("from") String from,
      @QueryParam("to") String to) {
    Map<String, String> asked = asked(ensemble, member, team, key, failed, from, to);
    Page<DecisionItem> page = page("50", Asked.given(cursor), asked);
    Curl call = Curl.get("This list", visit.base(), REST, Asked.with(asked, "cursor", cursor));
    return Templates.decisions(
        visit.frame(Section.DECISIONS, "Decisions", call),
        new Listing(
            page.items(),
            asked,
            page.nextCursor() == null
                ? null
                : PAGES + Curl.query(Asked.with(asked, "cursor", page.nextCursor())),
            PAGES + "/~csv" + Curl.query(asked)));
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(
      @QueryParam("ensemble") String ensemble,
      @QueryParam("member") String member,
      @QueryParam("team") String team,
      @QueryParam("key") String key,
      @QueryParam("failed") String failed,
      @QueryParam("from") String from,
      @QueryParam("to") String to) {
    Map<String, String> asked = asked(ensemble, member, team, key, failed, from, to);
    return Csv.<DecisionItem>of(
        "decisions",
        COLUMNS,
        cursor -> {
          Page<DecisionItem> page = page("200", cursor, asked);
          return new Csv.Part<>(page.items(), page.nextCursor());
        },
        DecisionPages::cells);
  }

  /** Leads to the one of an id that was typed. */
  @GET
  @Path("/~find")
  public Response find(@QueryParam("id") String id) {
    String typed = Asked.given(id);
    return Response.seeOther(URI.create(typed == null ? PAGES : href(typed.strip()))).build();
  }

  /** Shows one. */
  @GET
  @Path("/{id}")
  public TemplateInstance show(@PathParam("id") String id) {
    Decision decision = admin.decision(id);
    Page<FeedbackItem> said = decisions.feedback(id, "50", null);
    String path = "%s/%s".formatted(REST, Curl.encoded(decision.getId()));
    return Templates.decision(
        visit.frame(
            Section.DECISIONS,
            "Decision " + decision.getId(),
            Curl.get("Read it", visit.base(), path, Map.of()),
            Curl.get("What was said about it", visit.base(), path + "/feedback", Map.of())),
        DecisionView.of(
            decision, outermost(decision), said.items(), said.nextCursor() != null, this::text));
  }

  /** The members of one, as CSV. */
  @GET
  @Path("/{id}/candidates.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response candidates(@PathParam("id") String id) {
    Decision decision = admin.decision(id);
    return Csv.of(
        "candidates",
        CANDIDATE_COLUMNS,
        _ ->
            new Csv.Part<>(
                DecisionView.of(decision, decision, List.of(), false, this::text).candidates(),
                null),
        DecisionPages::cells);
  }

  /** What was said about one, as CSV. */
  @GET
  @Path("/{id}/feedback.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response feedback(@PathParam("id") String id) {
    return Csv.<FeedbackItem>of(
        "feedback",
        FEEDBACK_COLUMNS,
        cursor -> {
          Page<FeedbackItem> page = decisions.feedback(id, "200", cursor);
          return new Csv.Part<>(page.items(), page.nextCursor());
        },
        DecisionPages::cells);
  }

  /** Page of the decision of this id. */
  static String href(String id) {
    return PAGES + "/" + Curl.encoded(id);
  }

  /** The decision that all of it lies in. An id with a dot and a number need not lie in any. */
  private Decision outermost(Decision decision) {
    Decision root = decision;
    Optional<Decision> outer = around(root);
    while (outer.isPresent()) {
      root = outer.get();
      outer = around(root);
    }
    return root;
  }

  private Optional<Decision> around(Decision decision) {
    String id = decision.getId();
    if (!NESTED.matcher(id).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(admin.decision(id.substring(0, id.lastIndexOf('.'))))
          .filter(its -> its.getNestedList().stream().anyMatch(n -> n.getId().equals(id)));
    } catch (RefusedException e) {
      if (e.refusal() instanceof Refusal.OfService its
          && its.failure() instanceof Failure.NotFound) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Page<DecisionItem> page(String limit, String cursor, Map<String, String> asked) {
    return decisions.list(
        limit,
        cursor,
        asked.get("ensemble"),
        asked.get("member"),
        asked.get("team"),
        asked.get("key"),
        asked.get("failed"),
        asked.get("from"),
        asked.get("to"));
  }

  private String text(Object value) {
    try {
      return json.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("What a decision looked at cannot be written", e);
    }
  }

  /** The filters, in the order of {@link #FILTERS}. */
  private static Map<String, String> asked(String... values) {
    var asked = new LinkedHashMap<String, String>();
    for (int i = 0; i < values.length; i++) {
      asked.put(FILTERS.get(i), Asked.given(values[i]));
    }
    return asked;
  }

  private static List<Object> cells(DecisionItem its) {
    return Arrays.asList(
        its.id(),
        its.time(),
        its.ensemble(),
        its.ensembleVersion(),
        its.method(),
        String.join(" ", its.members()),
        its.team(),
        its.key(),
        its.promptTokens(),
        its.completionTokens(),
        its.costUsd(),
        its.estimated(),
        its.failed() == null ? null : ContractEnums.<DecisionFailure>word(its.failed()));
  }

  private static List<Object> cells(CandidateRow its) {
    return Arrays.asList(
        its.number(),
        its.member(),
        its.role(),
        its.state(),
        its.score(),
        its.deviation(),
        its.propensity(),
        its.weight(),
        its.expectedUsd(),
        its.usd(),
        its.seconds(),
        its.failure(),
        its.answer());
  }

  private static List<Object> cells(FeedbackItem its) {
    FeedbackItem.Preference preference = its.comparison();
    return Arrays.asList(
        its.key(),
        its.time(),
        ContractEnums.word(its.source()),
        its.member(),
        its.rating(),
        its.correct(),
        its.failed(),
        preference == null ? null : preference.winner(),
        preference == null ? null : preference.loser(),
        preference == null ? null : preference.tie(),
        its.comment(),
        its.refused());
  }
}
