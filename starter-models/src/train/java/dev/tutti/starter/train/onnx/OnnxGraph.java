package dev.tutti.starter.train.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An ONNX graph in the making: every operation returns the name of its output. Deterministic: same
 * calls, same bytes.
 */
final class OnnxGraph {

  static final int FLOAT = 1;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int BOOL = 9;
  private static final int FLOAT16 = 10;

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final String CONTRIBUTED = "com.microsoft";
  private static final int CONTRIBUTED_OPSET = 1;

  // Field numbers of onnx.proto.
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  private final ProtoWriter graph = new ProtoWriter();
  private int operations;
  private boolean contributed;

  /** An attribute of an operation. */
  record Attribute(String name, long... values) {}

  void input(String name, int type, Object... dimensions) {
    graph.message(11, valueInfo(name, type, dimensions));
  }

  void output(String name, int type, Object... dimensions) {
    graph.message(12, valueInfo(name, type, dimensions));
  }

  /** An operation with one output. */
  String op(String type, List<String> inputs, Attribute... attributes) {
    return named(
        type.toLowerCase(java.util.Locale.ROOT) + "_" + operations, type, inputs, attributes);
  }

  String op(String type, String... inputs) {
    return op(type, List.of(inputs));
  }

  /** An operation whose output has this name. */
  String named(String output, String type, List<String> inputs, Attribute... attributes) {
    graph.message(1, node(type, inputs, List.of(output), attributes));
    return output;
  }

  /** An operation of ONNX Runtime's own. */
  void contributed(
      String type, List<String> inputs, List<String> outputs, Attribute... attributes) {
    contributed = true;
    graph.message(1, node(type, inputs, outputs, attributes).text(7, CONTRIBUTED));
  }

  private ProtoWriter node(
      String type, List<String> inputs, List<String> outputs, Attribute... attributes) {
    ProtoWriter node = new ProtoWriter();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, "node_" + operations++).text(4, type);
    for (Attribute attribute : attributes) {
      node.message(5, attribute(type, attribute));
    }
    return node;
  }

  /** A constant of 64-bit integers; without dimensions, a scalar. */
  String longs(String name, long[] dimensions, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    return initializer(name, INT64, dimensions, raw.array());
  }

  /** A constant of floats. */
  String floats(String name, long[] dimensions, float... values) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return initializer(name, FLOAT, dimensions, raw.array());
  }

  /** Under which name {@link #halves} stores a constant. */
  static String half(String name) {
    return name + ".half";
  }

  /** A constant stored in half precision and used as float. */
  String halves(String name, long[] dimensions, float... values) {
    ByteBuffer raw = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putShort(Float.floatToFloat16(value));
    }
    String stored = initializer(half(name), FLOAT16, dimensions, raw.array());
    return named(name, "Cast", List.of(stored), new Attribute("to", FLOAT));
  }

  /** The finished model. */
  byte[] model(String name) {
    graph.text(2, name);
    ProtoWriter model =
        new ProtoWriter()
            .number(1, IR_VERSION)
            .text(2, "tutti-starter-models")
            .message(7, graph)
            .message(8, new ProtoWriter().text(1, "").number(2, OPSET));
    if (contributed) {
      model.message(8, new ProtoWriter().text(1, CONTRIBUTED).number(2, CONTRIBUTED_OPSET));
    }
    return model.toByteArray();
  }

  private String initializer(String name, int type, long[] dimensions, byte[] raw) {
    ProtoWriter tensor = new ProtoWriter();
    for (long dimension : dimensions) {
      tensor.number(1, dimension);
    }
    graph.message(5, tensor.number(2, type).text(8, name).bytes(9, raw));
    return name;
  }

  /** Lists and single numbers are different kinds of attributes; the operation decides. */
  private static ProtoWriter attribute(String operation, Attribute attribute) {
    boolean list = List.of("perm", "axes").contains(attribute.name());
    ProtoWriter writer = new ProtoWriter().text(1, attribute.name());
    if (list) {
      for (long value : attribute.values()) {
        writer.number(8, value);
      }
    } else if (attribute.values().length == 1) {
      writer.number(3, attribute.values()[0]);
    } else {
      throw new IllegalArgumentException(operation + "." + attribute.name() + " takes one number");
    }
    return writer.number(20, list ? ATTRIBUTE_INTS : ATTRIBUTE_INT);
  }

  private static ProtoWriter valueInfo(String name, int type, Object... dimensions) {
    ProtoWriter shape = new ProtoWriter();
    for (Object dimension : dimensions) {
      ProtoWriter one = new ProtoWriter();
      if (dimension instanceof Integer fixed) {
        one.number(1, fixed);
      } else {
        one.text(2, (String) dimension);
      }
      shape.message(1, one);
    }
    ProtoWriter tensor = new ProtoWriter().number(1, type).message(2, shape);
    return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
  }
}
