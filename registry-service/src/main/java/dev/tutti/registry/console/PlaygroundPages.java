package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.admin.Playground;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.ClientCall;
import dev.tutti.registry.api.Problem;
import dev.tutti.router.v1.FeedbackReceipt;
import io.grpc.Context;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The page that asks several the same. With its script each column is a stream of its own, which
 * ends with it; without, all answers come at once, whole.
 */
@Browsed
@Path("/console/playground")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class PlaygroundPages {

  /** Columns; as many connections as a browser opens to one host. */
  static final int MOST = 6;

  /** A browser has so much longer than an answer, to be told its end. */
  private static final Duration TO_READ = Duration.ofSeconds(10);

  private static final Logger LOG = Logger.getLogger(PlaygroundPages.class);

  private final Playground playground;
  private final Askable askable;
  private final Visit visit;
  private final ObjectMapper json;
  private final String frontDoor;

  PlaygroundPages(
      Playground playground,
      Askable askable,
      Visit visit,
      ObjectMapper json,
      @ConfigProperty(name = "tutti.registry.front-door") String frontDoor) {
    this.playground = playground;
    this.askable = askable;
    this.visit = visit;
    this.json = json;
    this.frontDoor = frontDoor;
  }

  /** Shows the form. */
  @GET
  public TemplateInstance show(@QueryParam("name") String name) {
    List<String> chosen = Asked.given(name) == null ? List.of() : List.of(named(name));
    return page(PlaygroundView.Typed.fresh(), chosen, "", null, List.of(), null);
  }

  /** Looks for more to be asked, or asks those that are chosen and shows their whole answers. */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response ask(Form form, @jakarta.ws.rs.core.Context RoutingContext http) {
    List<Column> columns = List.of();
    Problem problem = null;
    List<String> names = List.of();
    try {
      names = names(form);
      if (form.typed("step").equals("ask")) {
        columns = answers(Question.of(form), required(names), http);
      }
    } catch (RefusedException e) {
      problem = Problem.of(e.refusal());
    }
    String find = form.typed("find").strip();
    return Html.of(
        problem, page(PlaygroundView.Typed.of(form), names, find, problem, columns, null));
  }

  /** Asks one, and tells the answer while it comes. */
  @POST
  @Path("/~answer")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public Response answer(Form form, @jakarta.ws.rs.core.Context RoutingContext http) {
    String name = named(form.typed("name"));
    Question question = Question.of(form);
    String id = UUID.randomUUID().toString();
    Curl call = question.call(frontDoor(), name);
    GenerateRequest request = question.to(name, id, askable.alternatives(name));
    try (var _ = new ClientCall(http)) {
      var telling = new Telling(name, id, call);
      var events = new EventStream(http.response(), json, playground.timeLimit().plus(TO_READ));
      events.send("call", call);
      Problem problem = null;
      try {
        playground.ask(
            request,
            event -> {
              telling.note(event);
              send(event, events);
            });
      } catch (RefusedException e) {
        problem = Problem.of(e.refusal());
      }
      events.send("end", telling.ending(problem));
      events.end();
    } catch (CancelledException e) {
      // Nobody is there any more who could be told.
    } catch (RuntimeException e) {
      LOG.error("Fault while an answer was told", e);
      // What was told cannot be taken for a whole answer.
      http.response().reset();
    }
    // Written already.
    return null;
  }

  private record Delta(String text, List<TokenView> tokens) {}

  private static void send(GenerateResponse event, EventStream events) {
    if (event.hasDelta()) {
      events.send("delta", new Delta(event.getDelta().getText(), Telling.tokens(event.getDelta())));
    } else if (event.hasProgress()) {
      // That work goes on is told too: who has left is noticed by it.
      events.send(
          Telling.isStep(event.getProgress()) ? "step" : "wait", Telling.step(event.getProgress()));
    }
  }

  private List<Column> answers(Question question, List<String> names, RoutingContext http) {
    try (var _ = new ClientCall(http);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<Future<Column>>();
      for (String name : names) {
        Curl call = question.call(frontDoor(), name);
        Callable<Column> answer = () -> answer(question, name, call);
        asked.add(
            threads.submit(
                io.opentelemetry.context.Context.current().wrap(Context.current().wrap(answer))));
      }
      var columns = new ArrayList<Column>();
      for (Future<Column> its : asked) {
        columns.add(its.get());
      }
      return columns;
    } catch (ExecutionException e) {
      throw new IllegalStateException("A fault while asking", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
  }

  private Column answer(Question question, String name, Curl call) {
    String id = UUID.randomUUID().toString();
    var telling = new Telling(name, id, call);
    try {
      // Of tokens this page shows nothing.
      playground.ask(question.to(name, id, OptionalInt.empty()), telling::note);
      return telling.column(null);
    } catch (RefusedException e) {
      return telling.column(Problem.of(e.refusal()));
    }
  }

  /** Keeps a thumb as feedback. */
  @POST
  @Path("/~feedback")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public TemplateInstance rate(Form form) {
    String thumb = form.typed("thumb");
    if (!thumb.equals("up") && !thumb.equals("down")) {
      throw Refusal.malformed("thumb", "thumb must be up or down.");
    }
    Long change = form.number("change");
    String key = form.text("key");
    if (key == null || change == null || change < 1 || change >= Integer.MAX_VALUE) {
      throw Refusal.malformed("key", "key and change, a whole number from 1 on, are required.");
    }
    String decision = form.typed("decision");
    List<String> members = form.all("member");
    boolean isGood = thumb.equals("up");
    List<FeedbackReceipt> kept =
        playground.rate(decision, members, isGood, "%s:%d".formatted(key, change));
    String about =
        kept.stream().map(FeedbackReceipt::getMember).distinct().collect(Collectors.joining(", "));
    return page(
        PlaygroundView.Typed.fresh(),
        List.of(),
        "",
        null,
        List.of(),
        new PlaygroundView.Kept(
            isGood,
            about,
            new Column.Rating(decision, members, key, change.intValue() + 1),
            "/console/decisions/" + Curl.encoded(decision)));
  }

  private TemplateInstance page(
      PlaygroundView.Typed typed,
      List<String> chosen,
      String find,
      Problem problem,
      List<Column> columns,
      PlaygroundView.Kept kept) {
    var example = new Question("", "...", Sampling.getDefaultInstance());
    List<Curl> calls =
        columns.isEmpty()
            ? List.of(example.call(frontDoor(), chosen.isEmpty() ? "NAME" : chosen.getFirst()))
            : columns.stream().map(Column::call).toList();
    return Templates.playground(
        visit.frame(Section.PLAYGROUND, "Playground", calls),
        new PlaygroundView(
            typed, askable.find(chosen, find), MOST, problem, columns, Column.blank(), kept));
  }

  /** Where the visitor reaches the router: at the registry's host, where only a port is set. */
  private String frontDoor() {
    return frontDoor.startsWith(":")
        ? visit.base().replaceFirst(":[0-9]+$", "") + frontDoor
        : frontDoor;
  }

  private static List<String> names(Form form) {
    List<String> names = form.all("name").stream().distinct().toList();
    if (names.size() > MOST) {
      throw Refusal.malformed(
          "name", "%d are chosen; at most %d are asked at once.".formatted(names.size(), MOST));
    }
    names.forEach(PlaygroundPages::named);
    return names;
  }

  private static List<String> required(List<String> names) {
    if (names.isEmpty()) {
      throw Refusal.malformed("name", "Nobody is chosen who could be asked.");
    }
    return names;
  }

  private static String named(String name) {
    if (!Names.isName(name)) {
      throw Refusal.malformed("name", "There is nothing that could be called so.");
    }
    return name;
  }
}
