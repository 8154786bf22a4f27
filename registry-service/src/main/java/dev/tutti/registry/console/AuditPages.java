package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.api.AuditResource;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.key.Team;
import dev.tutti.registry.store.AuditEntry;
import dev.tutti.registry.store.RegistryStore;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pages of the audit log. */
@Browsed
@Path("/console/audit")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class AuditPages {

  private static final String PAGES = "/console/audit";
  private static final String REST = "/api/v1/audit";
  private static final List<String> COLUMNS =
      List.of(
          "number",
          "revision",
          "at",
          "user",
          "action",
          "kind",
          "name",
          "service",
          "version_before",
          "version_after",
          "changed",
          "trace_id");

  private final AuditResource audit;
  private final RegistryStore store;
  private final Visit visit;
  private final ObjectMapper json;

  AuditPages(AuditResource audit, RegistryStore store, Visit visit, ObjectMapper json) {
    this.audit = audit;
    this.store = store;
    this.visit = visit;
    this.json = json;
  }

  /**
   * A change in the list.
   *
   * @param change who did what
   * @param changed which fields of the model or ensemble differ
   * @param isThere whether the model or ensemble is still there: a draft that was thrown away has
   *     no page
   */
  public record Row(AuditEntry change, List<String> changed, boolean isThere) {

    /** Where what it is about is shown; null where it is not. */
    public String href() {
      return switch (change.kind()) {
        case "model", "ensemble" ->
            change.service() == null && isThere
                ? "/console/%ss/%s".formatted(change.kind(), Curl.encoded(change.name()))
                : null;
        case "team", "team_data" ->
            change.name().equals(Team.NOBODY)
                ? null
                : "/console/teams/" + Curl.encoded(change.name());
        case "key" -> "/console/keys/" + Curl.encoded(change.name());
        case "job", "artifact" ->
            change.service() == null
                ? null
                : "/console/%ss/%s/%s"
                    .formatted(
                        change.kind(), Curl.encoded(change.service()), Curl.encoded(change.name()));
        default -> null;
      };
    }

    /** Where the difference is shown; null where there is none. */
    public String diff() {
      return changed.isEmpty()
              || href() == null
              || change.before() == null
              || change.after() == null
          ? null
          : "%s/diff?from=%d&to=%d"
              .formatted(href(), change.versionBefore(), change.versionAfter());
    }
  }

  /**
   * Changes, a part of them.
   *
   * @param rows newest first
   * @param name of what changed; empty for all
   * @param user who made them; empty for all
   * @param from the first time that counts; empty for all
   * @param to the first that does not any more; empty for all
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(
      List<Row> rows, String name, String user, String from, String to, String next, String csv) {

    /** Whether only some are looked for. */
    public boolean isFiltered() {
      return !(name + user + from + to).isEmpty();
    }
  }

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @QueryParam("cursor") String cursor,
      @QueryParam("name") String name,
      @QueryParam("user") String user,
      @QueryParam("from") String from,
      @QueryParam("to") String to) {
    Map<String, String> asked = asked(name, user, from, to);
    Page<AuditEntry> page = page("50", Asked.given(cursor), asked);
    Curl call = Curl.get("This list", visit.base(), REST, Asked.with(asked, "cursor", cursor));
    return Templates.audit(
        visit.frame(Section.AUDIT, "Audit log", call),
        new Listing(
            rows(page.items()),
            Asked.shown(name),
            Asked.shown(user),
            Asked.shown(from),
            Asked.shown(to),
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
      @QueryParam("name") String name,
      @QueryParam("user") String user,
      @QueryParam("from") String from,
      @QueryParam("to") String to) {
    Map<String, String> asked = asked(name, user, from, to);
    return Csv.<AuditEntry>of(
        "audit",
        COLUMNS,
        cursor -> {
          Page<AuditEntry> page = page("200", cursor, asked);
          return new Csv.Part<>(page.items(), page.nextCursor());
        },
        change -> cells(row(change, true)));
  }

  private Page<AuditEntry> page(String limit, String cursor, Map<String, String> asked) {
    return audit.list(
        limit, cursor, asked.get("name"), asked.get("user"), asked.get("from"), asked.get("to"));
  }

  private List<Row> rows(List<AuditEntry> changes) {
    var there = new HashMap<String, Boolean>();
    return changes.stream()
        .map(
            change ->
                row(
                    change,
                    there.computeIfAbsent(
                        change.kind() + " " + change.name(), _ -> isThere(change))))
        .toList();
  }

  private boolean isThere(AuditEntry change) {
    return Stream.of(Kind.values())
        .filter(kind -> kind.word().equals(change.kind()))
        .allMatch(kind -> store.find(kind, change.name()).isPresent());
  }

  private Row row(AuditEntry change, boolean isThere) {
    List<String> changed =
        change.before() == null || change.after() == null
            ? List.of()
            : Difference.between(tree(change.before()), tree(change.after())).stream()
                .map(Difference::field)
                .toList();
    return new Row(change, changed, isThere);
  }

  private JsonNode tree(Entry entry) {
    return json.valueToTree(entry);
  }

  private static Map<String, String> asked(String name, String user, String from, String to) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("name", Asked.given(name));
    asked.put("user", Asked.given(user));
    asked.put("from", Asked.given(from));
    asked.put("to", Asked.given(to));
    return asked;
  }

  private static List<Object> cells(Row row) {
    AuditEntry change = row.change();
    return Arrays.asList(
        change.number(),
        change.revision(),
        change.at(),
        change.user(),
        change.action(),
        change.kind(),
        change.name(),
        change.service(),
        change.versionBefore(),
        change.versionAfter(),
        row.changed().stream().collect(Collectors.joining(" ")),
        change.traceId());
  }
}
