package dev.tutti.decoder.runtime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * About how many parameters an ONNX file has: the elements of all initializers of its graph. A
 * graph does not tell a constant from a weight (a table of rotary angles from one of learned
 * positions), so constants count too.
 */
final class ParameterCount {

  // Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer, TensorProto.dims.
  private static final int GRAPH = 7;
  private static final int INITIALIZER = 5;
  private static final int DIMS = 1;

  private ParameterCount() {}

  /** The number; weights in any precision count alike. */
  static long of(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      var model = CodedInputStream.newInstance(in);
      model.setSizeLimit(Integer.MAX_VALUE);
      return inner(model, GRAPH, graph -> inner(graph, INITIALIZER, ParameterCount::elements));
    } catch (IOException e) {
      throw new ModelLoadException(file.getFileName() + " is no ONNX file.", e);
    }
  }

  private interface Reader {
    long read(CodedInputStream message) throws IOException;
  }

  /** The sum over all messages in this field. */
  private static long inner(CodedInputStream in, int field, Reader reader) throws IOException {
    long sum = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == field
          && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        int limit = in.pushLimit(in.readRawVarint32());
        sum += reader.read(in);
        in.popLimit(limit);
      } else {
        in.skipField(tag);
      }
    }
    return sum;
  }

  private static long elements(CodedInputStream tensor) throws IOException {
    long product = 1;
    for (int tag = tensor.readTag(); tag != 0; tag = tensor.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) != DIMS) {
        tensor.skipField(tag);
      } else if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
        product *= tensor.readInt64();
      } else {
        int limit = tensor.pushLimit(tensor.readRawVarint32());
        while (tensor.getBytesUntilLimit() > 0) {
          product *= tensor.readInt64();
        }
        tensor.popLimit(limit);
      }
    }
    return product;
  }
}
