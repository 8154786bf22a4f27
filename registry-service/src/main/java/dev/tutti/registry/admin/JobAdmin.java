package dev.tutti.registry.admin;

import com.google.protobuf.util.Timestamps;
import dev.tutti.job.v1.CancelRequest;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.JobState;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.ListResponse;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.Jobs;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.store.ServiceChange;
import dev.tutti.registry.store.ServiceChange.Action;
import dev.tutti.registry.store.ServiceChange.Subject;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Jobs of all services: the registry's own imports and recordings, and what the services that learn
 * run. All methods block.
 */
@ApplicationScoped
public class JobAdmin {

  /** The registry itself, among the services that have jobs. */
  public static final String OWN = "registry-service";

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final Jobs own;
  private final Services services;
  private final Audited audited;

  JobAdmin(Jobs own, Services services, Audited audited) {
    this.own = own;
    this.services = services;
    this.audited = audited;
  }

  /**
   * Which jobs.
   *
   * @param service only its; of all services where it is empty
   * @param kind only those of this kind; all where it is empty
   * @param state only those in this state; all where it is unspecified
   */
  public record Wanted(String service, String kind, JobState state) {}

  /**
   * Jobs, newest first.
   *
   * @param places by service, the token of the page that comes next; empty where there is none
   * @param unavailable the services that could not be asked; their jobs are missing
   */
  public record Found(List<JobOf> jobs, Map<String, String> places, List<Missing> unavailable) {}

  /** All services that may have jobs. */
  public List<String> serviceNames() {
    return Stream.concat(Stream.of(OWN), services.names().stream()).toList();
  }

  /**
   * Jobs, newest first.
   *
   * @param places as an answer before gave them; empty for the first page
   * @param limit at most so many
   * @throws RefusedException where the one service that was named cannot be asked, or nobody has
   *     jobs of that kind
   */
  public Found list(Wanted wanted, Map<String, String> places, int limit) {
    if (!wanted.service().isEmpty()) {
      ListResponse page =
          page(wanted.service(), wanted, places.getOrDefault(wanted.service(), ""), limit);
      List<JobOf> jobs =
          page.getJobsList().stream().map(job -> new JobOf(wanted.service(), job)).toList();
      return new Found(jobs, next(wanted.service(), page.getNextPageToken()), List.of());
    }
    List<String> asked =
        places.isEmpty()
            ? serviceNames()
            : serviceNames().stream().filter(places::containsKey).toList();
    Services.Answers<Optional<ListResponse>> told =
        services.each(asked, s -> pageIfAny(s, wanted, places.getOrDefault(s, ""), limit));
    var pages = new LinkedHashMap<String, ListResponse>();
    told.answers().forEach((service, page) -> page.ifPresent(its -> pages.put(service, its)));
    if (pages.isEmpty() && told.unavailable().isEmpty()) {
      throw Refusal.malformed("kind", "No service has jobs of kind '%s'.".formatted(wanted.kind()));
    }
    List<JobOf> jobs = newest(pages, limit);
    var after = new LinkedHashMap<String, String>();
    pages.forEach(
        (service, page) -> {
          String place = places.getOrDefault(service, "");
          after.putAll(after(service, place, page, taken(service, jobs)));
        });
    if (!after.isEmpty()) {
      // One that comes back meanwhile is heard.
      told.unavailable()
          .forEach(its -> after.put(its.service(), places.getOrDefault(its.service(), "")));
    }
    return new Found(jobs, after, told.unavailable());
  }

  /** One job. */
  public Job get(String service, String id) {
    return service.equals(OWN)
        ? own.get(id)
        : services.ask(
            service,
            WITHIN,
            JobServiceGrpc::newBlockingStub,
            stub -> stub.get(GetRequest.newBuilder().setId(id).build()).getJob());
  }

  /** Asks one to stop. */
  public Job cancel(String service, String id, Author author) {
    Job before = get(service, id);
    boolean done = Jobs.hasEnded(before) || before.getCancelRequested();
    return audited.doing(
        author,
        () ->
            service.equals(OWN)
                ? own.cancel(id)
                : services.ask(
                    service,
                    WITHIN,
                    JobServiceGrpc::newBlockingStub,
                    stub -> stub.cancel(CancelRequest.newBuilder().setId(id).build()).getJob()),
        job ->
            done
                ? Optional.empty()
                : Optional.of(
                    new ServiceChange(service, Action.CANCEL, Subject.JOB, job.getId(), null)));
  }

  private ListResponse page(String service, Wanted wanted, String place, int limit) {
    var request =
        ListRequest.newBuilder()
            .setPageSize(limit)
            .setPageToken(place)
            .setKind(wanted.kind())
            .setState(wanted.state())
            .build();
    return service.equals(OWN)
        ? own.list(request)
        : services.ask(
            service, Services.QUICK, JobServiceGrpc::newBlockingStub, stub -> stub.list(request));
  }

  /** Nothing of a service that has no jobs, or none of this kind. */
  private Optional<ListResponse> pageIfAny(String service, Wanted wanted, String place, int limit) {
    try {
      return Optional.of(page(service, wanted, place, limit));
    } catch (FailureException e) {
      if (isOfKind(e.failure())) {
        return Optional.empty();
      }
      throw e;
    } catch (RefusedException e) {
      if (e.refusal() instanceof Refusal.NotOffered
          || (e.refusal() instanceof Refusal.OfService of && isOfKind(of.failure()))) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean isOfKind(Failure failure) {
    return failure instanceof Failure.InvalidArgument f && f.field().equals("kind");
  }

  /** The newest of all pages; those of one service stay in its order. */
  private static List<JobOf> newest(Map<String, ListResponse> pages, int limit) {
    var left = new LinkedHashMap<String, Deque<Job>>();
    pages.forEach((service, page) -> left.put(service, new ArrayDeque<>(page.getJobsList())));
    var newest = new ArrayList<JobOf>();
    while (newest.size() < limit) {
      left.values().removeIf(Deque::isEmpty);
      if (left.isEmpty()) {
        break;
      }
      String service =
          Collections.max(
                  left.entrySet(),
                  Comparator.comparing(
                      its -> its.getValue().peek().getCreatedAt(), Timestamps.comparator()))
              .getKey();
      newest.add(new JobOf(service, left.get(service).poll()));
    }
    return List.copyOf(newest);
  }

  /** Where a service's next page begins, of whose page so many were taken. */
  private static Map<String, String> after(
      String service, String place, ListResponse page, int taken) {
    if (taken == page.getJobsCount()) {
      return next(service, page.getNextPageToken());
    }
    return Map.of(service, taken == 0 ? place : page.getTokensAfter(taken - 1));
  }

  private static Map<String, String> next(String service, String token) {
    return token.isEmpty() ? Map.of() : Map.of(service, token);
  }

  private static int taken(String service, List<JobOf> jobs) {
    return (int) jobs.stream().filter(job -> job.service().equals(service)).count();
  }
}
