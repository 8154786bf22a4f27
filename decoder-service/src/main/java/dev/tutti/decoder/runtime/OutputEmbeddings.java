package dev.tutti.decoder.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The matrix whose product with the last hidden state gives the logits, out of an ONNX file: the
 * second factor of the MatMul that makes them, where it is stored in the file in single or half
 * precision, by itself or behind a Cast.
 */
final class OutputEmbeddings {

  // Field numbers of onnx.proto: NodeProto.input, .output, .op_type.
  private static final int INPUT = 1;
  private static final int OUTPUT = 2;
  private static final int OP_TYPE = 4;

  // TensorProto.dims, .data_type, .name, .raw_data, and the types.
  private static final int DIMS = 1;
  private static final int DATA_TYPE = 2;
  private static final int NAME = 8;
  private static final int RAW_DATA = 9;
  private static final int FLOAT = 1;
  private static final int FLOAT16 = 10;

  private OutputEmbeddings() {}

  private record Node(String type, List<String> inputs) {}

  /** A stored matrix; the data is null where it is stored elsewhere, or not wanted. */
  private record Tensor(long[] dims, int type, String name, long bytes, ByteString data) {

    /** Whether it is a matrix of that many columns, in a form that is read here. */
    boolean isMatrix(int columns) {
      return (type == FLOAT || type == FLOAT16)
          && dims.length == 2
          && dims[1] == columns
          && bytes == (type == FLOAT ? 4 : 2) * dims[0] * dims[1];
    }
  }

  /**
   * Reads them.
   *
   * @param vocabulary number of tokens
   * @return [token][width]; empty where the file keeps them in another way
   * @throws ModelLoadException when the file cannot be read
   */
  static Optional<float[][]> read(Path file, int vocabulary) {
    return find(file, true)
        .filter(tensor -> tensor.isMatrix(vocabulary))
        .map(OutputEmbeddings::rows);
  }

  /**
   * Whether {@link #read} finds them; without reading the numbers.
   *
   * @param vocabulary number of tokens
   * @throws ModelLoadException when the file cannot be read
   */
  static boolean arePresent(Path file, int vocabulary) {
    return find(file, false).filter(tensor -> tensor.isMatrix(vocabulary)).isPresent();
  }

  private static Optional<Tensor> find(Path file, boolean withData) {
    Map<String, Node> byOutput = new HashMap<>();
    OnnxFile.each(file, OnnxFile.NODE, message -> node(message, byOutput));
    Node product = byOutput.get(DecoderGraph.LOGITS);
    if (product == null || !product.type().equals("MatMul") || product.inputs().size() != 2) {
      return Optional.empty();
    }
    Node cast = byOutput.get(product.inputs().get(1));
    String name =
        cast != null && cast.type().equals("Cast")
            ? cast.inputs().getFirst()
            : product.inputs().get(1);
    var found = new ArrayList<Tensor>();
    OnnxFile.each(
        file,
        OnnxFile.INITIALIZER,
        message -> {
          Tensor tensor = tensor(message, name, withData);
          if (tensor.name().equals(name)) {
            found.add(tensor);
          }
        });
    return found.stream().findFirst();
  }

  private static void node(CodedInputStream in, Map<String, Node> byOutput) throws IOException {
    var inputs = new ArrayList<String>();
    var outputs = new ArrayList<String>();
    String type = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case INPUT -> inputs.add(in.readString());
        case OUTPUT -> outputs.add(in.readString());
        case OP_TYPE -> type = in.readString();
        default -> in.skipField(tag);
      }
    }
    var node = new Node(type, inputs);
    outputs.forEach(output -> byOutput.put(output, node));
  }

  private static Tensor tensor(CodedInputStream in, String wanted, boolean withData)
      throws IOException {
    long[] dims = {};
    int type = 0;
    String name = wanted;
    long bytes = -1;
    ByteString data = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case DIMS ->
            dims =
                LongStream.concat(Arrays.stream(dims), Arrays.stream(OnnxFile.numbers(in, tag)))
                    .toArray();
        case DATA_TYPE -> type = in.readInt32();
        case NAME -> name = in.readString();
        case RAW_DATA -> {
          if (name.equals(wanted) && withData) {
            data = in.readBytes();
            bytes = data.size();
          } else {
            int length = in.readRawVarint32();
            in.skipRawBytes(length);
            bytes = length;
          }
        }
        default -> in.skipField(tag);
      }
    }
    return new Tensor(dims, type, name, bytes, data);
  }

  private static float[][] rows(Tensor tensor) {
    ByteBuffer values = tensor.data().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int width = Math.toIntExact(tensor.dims()[0]);
    var rows = new float[Math.toIntExact(tensor.dims()[1])][width];
    for (int d = 0; d < width; d++) {
      for (float[] row : rows) {
        row[d] =
            tensor.type() == FLOAT ? values.getFloat() : Float.float16ToFloat(values.getShort());
      }
    }
    return rows;
  }
}
