package dev.tutti.router.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Messages of the contract as JSON, their fields in snake_case. */
final class ContractJson {

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private ContractJson() {}

  /** A message as the body of a response. */
  static Response response(int status, MessageOrBuilder message) {
    try {
      return Response.status(status)
          .entity(PRINTER.print(message))
          .type(MediaType.APPLICATION_JSON_TYPE)
          .build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message that cannot be written as JSON", e);
    }
  }
}
