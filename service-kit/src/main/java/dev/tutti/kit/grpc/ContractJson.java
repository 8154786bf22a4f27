package dev.tutti.kit.grpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.List;
import java.util.Map;

/** What the REST shows of the contract as it is: its names, in snake_case. */
public final class ContractJson {

  private static final JsonFormat.Printer INDENTED =
      JsonFormat.printer().preservingProtoFieldNames();
  private static final JsonFormat.Printer COMPACT = INDENTED.omittingInsignificantWhitespace();

  private ContractJson() {}

  /** A message on one line. */
  public static String compact(Message message) {
    return print(COMPACT, message);
  }

  /** A message for people too. */
  public static String indented(Message message) {
    return print(INDENTED, message);
  }

  private static String print(JsonFormat.Printer printer, Message message) {
    try {
      return printer.print(told(message));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "A %s that cannot be written as JSON".formatted(message.getDescriptorForType().getName()),
          e);
    }
  }

  /** Numbers that JSON does not have become texts, within a struct as in every other field. */
  private static Message told(Message message) {
    if (message instanceof Value value
        && value.hasNumberValue()
        && !Double.isFinite(value.getNumberValue())) {
      return Value.newBuilder().setStringValue(Double.toString(value.getNumberValue())).build();
    }
    Message.Builder told = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        told.setField(field.getKey(), told(field.getValue()));
      }
    }
    return told.build();
  }

  private static Object told(Object field) {
    return field instanceof List<?> all
        ? all.stream().map(ContractJson::told).toList()
        : told((Message) field);
  }
}
