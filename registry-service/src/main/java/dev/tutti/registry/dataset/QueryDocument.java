package dev.tutti.registry.dataset;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.registry.v1.RecordedQuery;
import java.io.IOException;

/** A query as it is kept: equal queries have equal bytes. */
final class QueryDocument {

  private QueryDocument() {}

  static byte[] write(RecordedQuery query) {
    byte[] bytes = new byte[query.getSerializedSize()];
    CodedOutputStream output = CodedOutputStream.newInstance(bytes);
    // Else maps may be written in any order.
    output.useDeterministicSerialization();
    try {
      query.writeTo(output);
      output.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("A query cannot be written", e);
    }
    return bytes;
  }

  static RecordedQuery read(byte[] document) {
    try {
      return RecordedQuery.parseFrom(document);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A query is kept that cannot be read", e);
    }
  }
}
