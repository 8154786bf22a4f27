package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.decision.SpendReport;
import dev.tutti.router.decision.SpendReport.By;
import dev.tutti.router.decision.SpendReport.Line;
import dev.tutti.router.v1.KeyServiceGrpc;
import dev.tutti.router.v1.KeySpend;
import dev.tutti.router.v1.ListKeySpendRequest;
import dev.tutti.router.v1.ListKeySpendResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code KeyService}: what keys have used. */
@GrpcService
public class KeyEndpoint extends KeyServiceGrpc.KeyServiceImplBase {

  private final SpendReport report;

  KeyEndpoint(SpendReport report) {
    this.report = report;
  }

  @Override
  public void listKeySpend(
      ListKeySpendRequest request, StreamObserver<ListKeySpendResponse> observer) {
    ServerCalls.unary(observer, () -> told(Instant.now()));
  }

  private ListKeySpendResponse told(Instant now) {
    ZonedDateTime day = now.atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS);
    // What is being written may be a little later than now.
    Instant end = now.plus(Duration.ofDays(1));
    Map<String, BigDecimal> today =
        report.report(day.toInstant(), end, By.KEY).stream()
            .collect(Collectors.toMap(Line::key, Line::usd));
    var response = ListKeySpendResponse.newBuilder();
    for (Line line : report.report(day.withDayOfMonth(1).toInstant(), end, By.KEY)) {
      if (!line.key().isEmpty()) {
        response.addKeys(
            KeySpend.newBuilder()
                .setKey(line.key())
                .setMonthRequests(line.requests())
                .setMonthTokens(line.promptTokens() + line.completionTokens())
                .setMonthUsd(line.usd().doubleValue())
                .setDayUsd(today.getOrDefault(line.key(), BigDecimal.ZERO).doubleValue()));
      }
    }
    return response.build();
  }
}
