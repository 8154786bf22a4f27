package dev.tutti.starter.train.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.WeightShape;
import dev.tutti.starter.train.network.Weights;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads back the half-precision weights that {@link DecoderExporter} stored in a model. */
public final class StoredWeights {

  // Field numbers of ONNX's ModelProto, GraphProto and TensorProto.
  private static final int GRAPH = 7;
  private static final int INITIALIZER = 5;
  private static final int NAME = 8;
  private static final int RAW_DATA = 9;

  private StoredWeights() {}

  /**
   * The weights of a model of this architecture.
   *
   * @throws IOException where the file is no model, or lacks a weight, or has one of another size
   */
  public static Weights read(byte[] model, Architecture architecture) throws IOException {
    Map<String, ByteString> stored = new HashMap<>();
    for (ByteString graph : fields(ByteString.copyFrom(model), GRAPH)) {
      for (ByteString tensor : fields(graph, INITIALIZER)) {
        stored.put(
            fields(tensor, NAME).getFirst().toStringUtf8(), fields(tensor, RAW_DATA).getFirst());
      }
    }
    Weights weights = Weights.zeros(architecture);
    for (int w = 0; w < weights.values().length; w++) {
      WeightShape shape = weights.shapes().get(w);
      ByteString raw = stored.get(OnnxGraph.half(shape.name()));
      if (raw == null || raw.size() != 2 * shape.size()) {
        throw new IOException(
            "the model has no " + shape.name() + " of " + shape.size() + " half-precision values");
      }
      ShortBuffer halves =
          raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
      for (int i = 0; i < shape.size(); i++) {
        weights.values()[w][i] = Float.float16ToFloat(halves.get(i));
      }
    }
    return weights;
  }

  /** The values of a message's field that is a text, bytes or a message. */
  private static List<ByteString> fields(ByteString message, int number) throws IOException {
    CodedInputStream in = message.newCodedInput();
    List<ByteString> values = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == number
          && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        values.add(in.readBytes());
      } else {
        in.skipField(tag);
      }
    }
    return values;
  }
}
