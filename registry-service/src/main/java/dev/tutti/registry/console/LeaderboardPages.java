package dev.tutti.registry.console;

import dev.tutti.registry.api.ActivityResource;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.LeaderboardItem;
import dev.tutti.registry.api.LeaderboardItem.AtItem;
import dev.tutti.registry.api.LeaderboardItem.DayItem;
import dev.tutti.registry.api.LeaderboardItem.MemberItem;
import dev.tutti.registry.api.LeaderboardItem.QualityItem;
import dev.tutti.registry.api.LeaderboardItem.RatingItem;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How members compare by feedback: ratings over time, bandit arms, how much was said. */
@Browsed
@Path("/console/leaderboard")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class LeaderboardPages {

  private static final String PAGES = "/console/leaderboard";
  private static final int USUAL_DAYS = 30;

  /** There are so many looks of a line. */
  private static final int DRAWN = 8;

  private final ActivityResource activity;
  private final Visit visit;

  LeaderboardPages(ActivityResource activity, Visit visit) {
    this.activity = activity;
    this.visit = visit;
  }

  /**
   * What is shown.
   *
   * @param board how they compare
   * @param ratings over time, of those who stand highest; null without any
   * @param volume of feedback over time; null without any
   * @param ensemble only feedback on it; empty for all
   * @param domain only feedback that tells it; empty for all
   * @param days of the history
   * @param tables by what they hold, addresses as CSV
   */
  public record View(
      LeaderboardItem board,
      StepChart ratings,
      StepChart volume,
      String ensemble,
      String domain,
      String days,
      Map<String, String> tables) {

    /** What may be chosen. */
    public List<String> lengths() {
      return List.of("7", "30", "90", "366");
    }

    /** Whether only some is looked at. */
    public boolean isFiltered() {
      return !(ensemble + domain).isEmpty();
    }

    /** Whether a chosen word is among those that are offered; else the page offers it too. */
    public boolean offers(List<String> words, String chosen) {
      return chosen.isEmpty() || words.contains(chosen);
    }
  }

  /** Shows it. */
  @GET
  public TemplateInstance show(
      @QueryParam("ensemble") String ensemble,
      @QueryParam("domain") String domain,
      @QueryParam("days") String days) {
    Map<String, String> asked = asked(ensemble, domain, days);
    LeaderboardItem board = board(asked);
    int length = asked.get("days") == null ? USUAL_DAYS : Integer.parseInt(asked.get("days"));
    List<Instant> times = times(length);
    var tables = new LinkedHashMap<String, String>();
    for (String table : List.of("members", "history", "feedback", "arms")) {
      tables.put(table, "%s/~%s.csv%s".formatted(PAGES, table, Curl.query(asked)));
    }
    return Templates.leaderboard(
        visit.frame(
            Section.LEADERBOARD,
            "Leaderboard",
            Curl.get("This board", visit.base(), "/api/v1/leaderboard", asked)),
        new View(
            board,
            board.members().isEmpty() ? null : ratings(board, times),
            board.feedback().isEmpty() ? null : volume(board, times),
            Asked.shown(ensemble),
            Asked.shown(domain),
            Integer.toString(length),
            tables));
  }

  /** Members as CSV. */
  @GET
  @Path("/~members.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response members(
      @QueryParam("ensemble") String ensemble,
      @QueryParam("domain") String domain,
      @QueryParam("days") String days) {
    return csv(
        "members",
        "member,points,low,high,pieces,ratings,quality,quality_low,quality_high",
        board(asked(ensemble, domain, days)).members(),
        its ->
            joined(
                rated(its.member(), its.rating()), List.of(its.pieces()), quality(its.quality())));
  }

  /** Their history as CSV. */
  @GET
  @Path("/~history.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response history(
      @QueryParam("ensemble") String ensemble,
      @QueryParam("domain") String domain,
      @QueryParam("days") String days) {
    List<List<Object>> rows =
        board(asked(ensemble, domain, days)).members().stream()
            .flatMap(
                its ->
                    its.history().stream()
                        .map(at -> joined(List.of(at.day()), rated(its.member(), at.rating()))))
            .toList();
    return csv("history", "day,member,points,low,high", rows, row -> row);
  }

  /** How much was said as CSV. */
  @GET
  @Path("/~feedback.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response feedback(
      @QueryParam("ensemble") String ensemble,
      @QueryParam("domain") String domain,
      @QueryParam("days") String days) {
    return csv(
        "feedback",
        "day,ratings,comparisons,failures",
        board(asked(ensemble, domain, days)).feedback(),
        its -> List.of(its.day(), its.ratings(), its.comparisons(), its.failures()));
  }

  /** Arms as CSV. */
  @GET
  @Path("/~arms.csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response arms(
      @QueryParam("ensemble") String ensemble,
      @QueryParam("domain") String domain,
      @QueryParam("days") String days) {
    return csv(
        "arms",
        "ensemble,method,member,pulls,measure,value,ratings,quality,quality_low,quality_high",
        board(asked(ensemble, domain, days)).arms(),
        its ->
            joined(
                List.of(
                    its.ensemble(),
                    its.method(),
                    its.member(),
                    its.pulls(),
                    its.measure(),
                    its.value()),
                quality(its.quality())));
  }

  private LeaderboardItem board(Map<String, String> asked) {
    return activity.leaderboard(asked.get("ensemble"), asked.get("domain"), asked.get("days"));
  }

  private static <T> Response csv(
      String name, String columns, List<T> rows, Function<T, List<Object>> cells) {
    return Csv.of(name, List.of(columns.split(",")), _ -> new Csv.Part<>(rows, null), cells);
  }

  private static List<Object> rated(String member, RatingItem its) {
    return List.of(member, its.points(), its.low(), its.high());
  }

  private static List<Object> quality(QualityItem its) {
    return its == null
        ? Arrays.asList(0, null, null, null)
        : List.of(its.ratings(), its.mean(), its.low(), its.high());
  }

  @SafeVarargs
  private static List<Object> joined(List<Object>... parts) {
    var all = new ArrayList<Object>();
    for (List<Object> part : parts) {
      all.addAll(part);
    }
    return all;
  }

  private static Map<String, String> asked(String ensemble, String domain, String days) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("ensemble", Asked.given(ensemble));
    asked.put("domain", Asked.given(domain));
    asked.put("days", Asked.given(days));
    return asked;
  }

  /** The days, today's the last. */
  private static List<Instant> times(int days) {
    Instant today = Instant.now().truncatedTo(ChronoUnit.DAYS);
    var times = new ArrayList<Instant>();
    for (int i = days - 1; i >= 0; i--) {
      times.add(today.minus(i, ChronoUnit.DAYS));
    }
    return times;
  }

  /** A rating stands until it changes. */
  private static StepChart ratings(LeaderboardItem board, List<Instant> times) {
    List<StepChart.Series> series =
        board.members().stream().limit(DRAWN).map(m -> series(m, times)).toList();
    return StepChart.between(
        "Elo rating at the end of a day, with 95 % intervals", times, 86_400, series);
  }

  private static StepChart.Series series(MemberItem member, List<Instant> times) {
    var points = new ArrayList<Double>();
    var low = new ArrayList<Double>();
    var high = new ArrayList<Double>();
    for (Instant time : times) {
      RatingItem its =
          member.history().stream()
              .filter(at -> !at.day().isAfter(time))
              .reduce((_, later) -> later)
              .map(AtItem::rating)
              .orElse(null);
      points.add(its == null ? null : its.points());
      low.add(its == null ? null : its.low());
      high.add(its == null ? null : its.high());
    }
    return new StepChart.Series(member.member(), points, low, high);
  }

  private static StepChart volume(LeaderboardItem board, List<Instant> times) {
    Map<Instant, DayItem> days =
        board.feedback().stream().collect(Collectors.toMap(DayItem::day, day -> day));
    var none = new DayItem(Instant.EPOCH, 0, 0, 0);
    return StepChart.of(
        "Pieces of feedback a day",
        times,
        Duration.ofDays(1).toSeconds(),
        List.of(
            counted("ratings", times, t -> days.getOrDefault(t, none).ratings()),
            counted("comparisons", times, t -> days.getOrDefault(t, none).comparisons()),
            counted("calls that failed", times, t -> days.getOrDefault(t, none).failures())));
  }

  private static StepChart.Series counted(
      String name, List<Instant> times, Function<Instant, Long> count) {
    return new StepChart.Series(name, times.stream().map(t -> (double) count.apply(t)).toList());
  }
}
