package dev.tutti.registry.api;

import dev.tutti.job.v1.Job;
import dev.tutti.registry.Author;
import dev.tutti.registry.IfMatch;
import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.dataset.DatasetStore;
import dev.tutti.registry.dataset.Imports;
import dev.tutti.registry.v1.Dataset;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of datasets. */
@Path("/api/v1/datasets")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(
    name = "datasets",
    description = "Recorded outcomes, from which routers, cascades and fusion methods are fitted.")
public class DatasetResource {

  private static final String LINES = "application/x-ndjson";
  private static final int PAGE_BYTES = 8 << 20;

  private final DatasetStore datasets;
  private final Imports imports;

  DatasetResource(DatasetStore datasets, Imports imports) {
    this.datasets = datasets;
    this.imports = imports;
  }

  /** Lists them by name. */
  @GET
  @Operation(operationId = "listDatasets", summary = "Lists datasets by name")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<DatasetItem> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor)
      throws SQLException {
    int size = Parameters.limit(limit);
    List<DatasetItem> found =
        datasets.list(Cursor.read("datasets", cursor).orElse(""), size + 1).stream()
            .map(DatasetItem::brief)
            .toList();
    return Page.of(found, size, "datasets", DatasetItem::name);
  }

  /** Tells one. */
  @GET
  @Path("/{name}")
  @Operation(
      operationId = "getDataset",
      summary = "Tells what a dataset holds",
      description = "Takes If-None-Match: 304 where it is unchanged.")
  @APIResponse(
      responseCode = "200",
      description = "The dataset.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = DatasetItem.class)))
  @APIResponse(responseCode = "404", description = "There is no such dataset.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response get(@PathParam("name") String name, @Context Request request)
      throws SQLException {
    Dataset dataset = find(name);
    var tag = new EntityTag(Long.toString(dataset.getRevision()));
    Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
    return unchanged == null
        ? Response.ok(DatasetItem.whole(dataset)).tag(tag).build()
        : unchanged.tag(tag).build();
  }

  /** Reads its queries. */
  @GET
  @Path("/{name}/queries")
  @Operation(
      operationId = "listDatasetQueries",
      summary = "Reads the queries of a dataset, in order of their ids",
      description = "A part ends early where it has 8 MiB; services read the whole by gRPC.")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "404", description = "There is no such dataset.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<QueryItem> queries(
      @PathParam("name") String name,
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("set") @Parameter(description = "Only queries of this set.") String set,
      @QueryParam("split") @Parameter(description = "Only queries of this split.") String split)
      throws SQLException {
    int size = Parameters.limit(limit);
    String list = "datasets/" + name;
    String after = Cursor.read(list, cursor).orElse("");
    find(name);
    var part =
        new DatasetStore.Part(
            name,
            Parameters.text("split", split),
            set == null ? Set.of() : Set.of(Parameters.text("set", set)));
    DatasetStore.Queries found = datasets.queries(part, after, size, PAGE_BYTES);
    List<QueryItem> items = found.queries().stream().map(QueryItem::of).toList();
    return new Page<>(items, found.more() ? Cursor.after(list, items.getLast().id()) : null);
  }

  /** Throws one away. */
  @DELETE
  @Path("/{name}")
  @Operation(
      operationId = "deleteDataset",
      summary = "Throws a dataset away",
      description = "Not while an import or a recording to it waits or runs.")
  @APIResponse(responseCode = "204", description = "Deleted.")
  @APIResponse(responseCode = "404", description = "There is no such dataset.")
  @APIResponse(responseCode = "409", description = "An import or a recording to it waits or runs.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(responseCode = "428", description = "If-Match is absent.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response delete(
      @PathParam("name") String name,
      @HeaderParam("If-Match") @Parameter(description = ApiDoc.IF_MATCH) String ifMatch,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    IfMatch expected = IfMatch.parse(ifMatch);
    requireName(name);
    datasets.delete(name, expected, author);
    return Response.noContent().build();
  }

  /** Imports lines. */
  @POST
  @Path("/{name}/imports")
  @Consumes({LINES, "application/jsonl"})
  @Operation(
      operationId = "importDataset",
      summary = "Imports recorded outcomes, one query a line",
      description =
          "Makes the dataset where there is none. The body is kept first, then a job takes it over: its progress is at"
              + " `/api/v1/jobs/{id}`, its refused lines at `/api/v1/jobs/{id}/refusals`. A line is"
              + " `{\"id\", \"query\", \"dataset\"?, \"split\"?, \"reference\"?, \"options\"?, \"models\": {NAME:"
              + " {\"score\", \"response\"?, \"cost\"?, \"latency\"? (seconds) or \"latency_ms\"?, \"confidence\"?,"
              + " \"samples\"?}}}`. Further texts of a query (up to 256 characters) are kept as its labels, further"
              + " numbers of an outcome as its numbers; other keys are refused unless `ignore` names them. A line may"
              + " add to a stored query what that lacks, such as outcomes of further members; the same line again"
              + " changes nothing. A line that cannot be taken is refused, and the others go on.")
  @RequestBody(
      description =
          "Lines of at most 1 MiB, together at most 1 GiB uncompressed. With `Content-Encoding: gzip` compressed.",
      required = true,
      content =
          @Content(
              mediaType = LINES,
              schema = @Schema(type = SchemaType.STRING, format = "binary")))
  @APIResponse(
      responseCode = "202",
      description = "All lines are kept; the job that takes them over.",
      headers = @Header(name = "Location", description = "The job's path."),
      content = @Content(schema = @Schema(implementation = JobItem.class)))
  @APIResponse(
      responseCode = "400",
      description = "No name, a wrong parameter, an empty body, or one that broke off.")
  @APIResponse(responseCode = "413", description = "The lines have more than 1 GiB.")
  @APIResponse(responseCode = "415", description = "Another type or encoding of the body.")
  @APIResponse(responseCode = "422", description = "The dataset has another `cost_unit`.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response imports(
      @PathParam("name") String name,
      InputStream body,
      @QueryParam("on_conflict")
          @Parameter(
              description =
                  "What becomes of a line that says something else than what is stored under its id: `refuse`, the"
                      + " default, or `replace` what it says differently.")
          String onConflict,
      @QueryParam("cost_unit")
          @Parameter(
              description =
                  "What `cost` means in the lines: usd_per_call, usd_per_million_tokens or relative. Of a new dataset"
                      + " usd_per_call where it is absent; later imports must agree.")
          String costUnit,
      @QueryParam("ignore")
          @Parameter(
              description =
                  "Keys that are left out, of queries and of outcomes, separated by commas; not id, query, models or"
                      + " score. At most 32.")
          String ignore,
      @HeaderParam("Content-Encoding") @Parameter(description = "gzip, or absent.") String encoding,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    if (!Names.isName(name)) {
      throw Refusal.malformed("name", "The path names no dataset: %s.".formatted(Names.RULE));
    }
    Imports.Options options =
        Imports.Options.of(
            Parameters.text("on_conflict", onConflict),
            Parameters.text("cost_unit", costUnit),
            keys(Parameters.text("ignore", ignore)));
    Job job = imports.accept(name, options, decoded(body, encoding), author);
    return Response.accepted(JobItem.ofOwn(job))
        .location(URI.create("/api/v1/jobs/" + job.getId()))
        .build();
  }

  private static Set<String> keys(String text) {
    return text.isEmpty() ? Set.of() : new TreeSet<>(List.of(text.split(",", -1)));
  }

  static InputStream decoded(InputStream body, String encoding) {
    if (encoding == null || encoding.equals("identity")) {
      return body;
    }
    if (!encoding.equals("gzip")) {
      throw new Refusal.Unsupported("Content-Encoding must be gzip, or absent.").exception();
    }
    try {
      return new GZIPInputStream(body, 64 << 10);
    } catch (IOException e) {
      throw Refusal.malformed("body", "The body is not in gzip, as Content-Encoding says.");
    }
  }

  /** What the console shows of one beside its own page; empty where there is none. */
  public Optional<DatasetItem> whole(String name) throws SQLException {
    return Names.isName(name) ? datasets.find(name).map(DatasetItem::whole) : Optional.empty();
  }

  private Dataset find(String name) throws SQLException {
    requireName(name);
    return datasets.find(name).orElseThrow(() -> DatasetStore.notFound(name));
  }

  private static void requireName(String name) {
    if (!Names.isName(name)) {
      throw DatasetStore.notFound(name);
    }
  }
}
