package dev.tutti.decoder.runtime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/** Reads parts of an ONNX file without keeping the rest in memory. */
final class OnnxFile {

  // Field numbers of onnx.proto: GraphProto.node and .initializer.
  static final int NODE = 1;
  static final int INITIALIZER = 5;

  // ModelProto.graph.
  private static final int GRAPH = 7;

  private OnnxFile() {}

  /** Takes a message, which ends where the stream does. */
  interface Reader {

    /** Reads it to its end. */
    void read(CodedInputStream message) throws IOException;
  }

  /**
   * Reads all messages in a field of the graph.
   *
   * @throws ModelLoadException when the file is no ONNX file
   */
  static void each(Path file, int field, Reader reader) {
    try (InputStream in = Files.newInputStream(file)) {
      var model = CodedInputStream.newInstance(in);
      model.setSizeLimit(Integer.MAX_VALUE);
      each(model, GRAPH, graph -> each(graph, field, reader));
    } catch (IOException e) {
      throw new ModelLoadException(file.getFileName() + " is no ONNX file.", e);
    }
  }

  private static void each(CodedInputStream in, int field, Reader reader) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == field
          && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        int limit = in.pushLimit(in.readRawVarint32());
        reader.read(in);
        in.popLimit(limit);
      } else {
        in.skipField(tag);
      }
    }
  }

  /**
   * Reads a repeated field of numbers, packed or not.
   *
   * @param tag that was read
   * @return the numbers behind this tag
   */
  static long[] numbers(CodedInputStream in, int tag) throws IOException {
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
      return new long[] {in.readInt64()};
    }
    var numbers = new ArrayList<Long>();
    int limit = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      numbers.add(in.readInt64());
    }
    in.popLimit(limit);
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }
}
