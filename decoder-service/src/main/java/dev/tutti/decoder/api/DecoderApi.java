package dev.tutti.decoder.api;

import dev.tutti.decoder.answer.GuestFiles;
import dev.tutti.decoder.answer.GuestSessions;
import dev.tutti.decoder.answer.Inspection;
import dev.tutti.decoder.answer.ModelStandings;
import dev.tutti.decoder.answer.TextEmbedding;
import dev.tutti.decoder.answer.TextScoring;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.GetStandingRequest;
import dev.tutti.decoder.v1.GetStandingResponse;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.decoder.v1.OutputEmbeddingsRequest;
import dev.tutti.decoder.v1.OutputEmbeddingsResponse;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.decoder.v1.SessionRequest;
import dev.tutti.decoder.v1.SessionResponse;
import dev.tutti.decoder.v1.TokensRequest;
import dev.tutti.decoder.v1.TokensResponse;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code DecoderService}: what models can do beside writing. */
@GrpcService
class DecoderApi extends DecoderServiceGrpc.DecoderServiceImplBase {

  private final TextScoring scoring;
  private final TextEmbedding embedding;
  private final Inspection inspection;
  private final GuestSessions guests;
  private final GuestFiles files;
  private final ModelStandings standings;

  DecoderApi(
      TextScoring scoring,
      TextEmbedding embedding,
      Inspection inspection,
      GuestSessions guests,
      GuestFiles files,
      ModelStandings standings) {
    this.scoring = scoring;
    this.embedding = embedding;
    this.inspection = inspection;
    this.guests = guests;
    this.files = files;
    this.standings = standings;
  }

  @Override
  public void score(ScoreRequest request, StreamObserver<ScoreResponse> observer) {
    ServerCalls.unary(observer, () -> scoring.score(request));
  }

  @Override
  public void inspect(InspectRequest request, StreamObserver<InspectResponse> observer) {
    ServerCalls.unary(observer, () -> inspection.inspect(request.getModel()));
  }

  @Override
  public void getStanding(
      GetStandingRequest request, StreamObserver<GetStandingResponse> observer) {
    ServerCalls.unary(observer, standings::tell);
  }

  @Override
  public void embed(EmbedRequest request, StreamObserver<EmbedResponse> observer) {
    ServerCalls.unary(observer, () -> embedding.embed(request));
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> observer) {
    var requests =
        new Inbox<SessionRequest>(
            (ServerCallStreamObserver<SessionResponse>) observer, guests.patience());
    ServerCalls.streaming(observer, sink -> guests.serve(requests, sink));
    return requests;
  }

  @Override
  public void tokens(TokensRequest request, StreamObserver<TokensResponse> observer) {
    ServerCalls.streaming(observer, sink -> files.tokens(request.getModel(), sink));
  }

  @Override
  public void outputEmbeddings(
      OutputEmbeddingsRequest request, StreamObserver<OutputEmbeddingsResponse> observer) {
    ServerCalls.streaming(observer, sink -> files.outputEmbeddings(request.getModel(), sink));
  }
}
