package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.api.EntryResource;
import dev.tutti.registry.api.Page;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What pages tell of the versions of a model or an ensemble. */
public abstract class VersionPages {

  /** Rows of a part of a table that is read whole. */
  static final String MOST = "200";

  private final Section section;
  private final Kind kind;
  private final EntryResource rest;
  private final Visit visit;
  private final ObjectMapper json;

  VersionPages(Section section, Kind kind, EntryResource rest, Visit visit, ObjectMapper json) {
    this.section = section;
    this.kind = kind;
    this.rest = rest;
    this.visit = visit;
    this.json = json;
  }

  Section section() {
    return section;
  }

  Visit visit() {
    return visit;
  }

  ObjectMapper json() {
    return json;
  }

  String restPath() {
    return "/api/v1/" + kind.plural();
  }

  String restPath(String name) {
    return restPath() + "/" + Curl.encoded(name);
  }

  /** Shows what differs between two versions. */
  @GET
  @Path("/{name}/diff")
  public TemplateInstance diff(
      @PathParam("name") String name,
      @QueryParam("from") String fromVersion,
      @QueryParam("to") String toVersion,
      @Context Request request) {
    long from = version("from", fromVersion);
    long to = version("to", toVersion);
    Entry newest = newest(name, request);
    Entry before = rest.version(newest.name(), from);
    Entry after = rest.version(newest.name(), to);
    String path = restPath(newest.name()) + "/versions/";
    Frame frame =
        visit.frame(
            section,
            "%s, versions %d and %d".formatted(newest.name(), from, to),
            Curl.get("Version " + from, visit.base(), path + from, Map.of()),
            Curl.get("Version " + to, visit.base(), path + to, Map.of()),
            change(
                "Roll back to version " + from,
                newest,
                "/rollback",
                "{\"version\": %d}".formatted(from)));
    List<Difference> differences =
        Difference.between(json.valueToTree(before), json.valueToTree(after));
    return Templates.diff(frame, newest, before, after, differences);
  }

  /** What differs between two versions as CSV. */
  @GET
  @Path("/{name}/diff.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response diffCsv(
      @PathParam("name") String name,
      @QueryParam("from") String fromVersion,
      @QueryParam("to") String toVersion) {
    Entry before = rest.version(name, version("from", fromVersion));
    Entry after = rest.version(name, version("to", toVersion));
    List<Difference> differences =
        Difference.between(json.valueToTree(before), json.valueToTree(after));
    return Csv.<Difference>of(
        "differences",
        List.of("field", "before", "after"),
        _ -> new Csv.Part<>(differences, null),
        d -> Arrays.asList(d.field(), d.before(), d.after()));
  }

  /** Its versions as CSV. */
  @GET
  @Path("/{name}/versions.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response versionsCsv(@PathParam("name") String name) {
    return Csv.<Entry>of(
        "versions",
        List.of("version", "lifecycle", "updated_at", "document"),
        cursor -> {
          Page<Entry> page = rest.versions(name, MOST, cursor);
          return new Csv.Part<>(page.items(), page.nextCursor());
        },
        e ->
            List.of(
                e.version(),
                ContractEnums.word(e.lifecycle()),
                e.updatedAt(),
                json.valueToTree(e).toString()));
  }

  private static long version(String parameter, String text) {
    if (text == null || !text.matches("[1-9][0-9]{0,17}")) {
      throw Refusal.malformed(
          parameter, "%s must be the number of a version, from 1 on.".formatted(parameter));
    }
    return Long.parseLong(text);
  }

  Entry newest(String name, Request request) {
    return (Entry) rest.get(name, request).getEntity();
  }

  Curl change(String title, Entry entry, String step, String body) {
    return Curl.change(
        title, visit.base(), "POST", restPath(entry.name()) + step, entry.version(), body);
  }
}
