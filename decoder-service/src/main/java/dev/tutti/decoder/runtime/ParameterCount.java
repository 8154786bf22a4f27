package dev.tutti.decoder.runtime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * About how many parameters an ONNX file has: the elements of all initializers of its graph. A
 * graph does not tell a constant from a weight (a table of rotary angles from one of learned
 * positions), so constants count too.
 */
final class ParameterCount {

  // Field number of onnx.proto: TensorProto.dims.
  private static final int DIMS = 1;

  private ParameterCount() {}

  /** The number; weights in any precision count alike. */
  static long of(Path file) {
    var sum = new AtomicLong();
    OnnxFile.each(file, OnnxFile.INITIALIZER, tensor -> sum.addAndGet(elements(tensor)));
    return sum.get();
  }

  private static long elements(CodedInputStream tensor) throws IOException {
    long product = 1;
    for (int tag = tensor.readTag(); tag != 0; tag = tensor.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == DIMS) {
        product *= Arrays.stream(OnnxFile.numbers(tensor, tag)).reduce(1, (a, b) -> a * b);
      } else {
        tensor.skipField(tag);
      }
    }
    return product;
  }
}
