package dev.tutti.fusion.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Values of a JSON text that tell how much is looked at: whoever goes through an object or a list,
 * compares or copies it takes as many steps as it has fields or items, one field or item takes one,
 * and {@value #CHARACTERS} characters of a text do.
 */
final class CountedNodes extends JsonNodeFactory {

  private static final long serialVersionUID = 1;

  /** Characters that are looked at in a step. */
  private static final int CHARACTERS = 256;

  /** Is told the steps; may throw. */
  private final transient LongConsumer steps;

  CountedNodes(LongConsumer steps) {
    this.steps = steps;
  }

  @Override
  public ObjectNode objectNode() {
    return new Fields();
  }

  @Override
  public ArrayNode arrayNode() {
    return new Items();
  }

  @Override
  public ArrayNode arrayNode(int capacity) {
    return new Items();
  }

  @Override
  public TextNode textNode(String text) {
    return new Characters(text);
  }

  // As the library declares the copy.
  @SuppressWarnings("unchecked")
  private final class Fields extends ObjectNode {

    private static final long serialVersionUID = 1;

    Fields() {
      super(CountedNodes.this);
    }

    @Override
    public JsonNode get(String name) {
      steps.accept(1);
      return super.get(name);
    }

    @Override
    public Iterator<String> fieldNames() {
      steps.accept(size());
      return super.fieldNames();
    }

    // The library calls this one.
    @Override
    @SuppressWarnings("deprecation")
    public Iterator<Map.Entry<String, JsonNode>> fields() {
      steps.accept(size());
      return super.fields();
    }

    @Override
    public ObjectNode deepCopy() {
      steps.accept(size());
      return super.deepCopy();
    }

    @Override
    public boolean equals(Object other) {
      steps.accept(1L + size());
      return super.equals(other);
    }

    @Override
    public int hashCode() {
      steps.accept(1L + size());
      return super.hashCode();
    }
  }

  @SuppressWarnings("unchecked")
  private final class Items extends ArrayNode {

    private static final long serialVersionUID = 1;

    Items() {
      super(CountedNodes.this);
    }

    @Override
    public JsonNode get(int place) {
      steps.accept(1);
      return super.get(place);
    }

    @Override
    public Iterator<JsonNode> elements() {
      steps.accept(size());
      return super.elements();
    }

    @Override
    public ArrayNode deepCopy() {
      steps.accept(size());
      return super.deepCopy();
    }

    @Override
    public boolean equals(Object other) {
      steps.accept(1L + size());
      return super.equals(other);
    }

    @Override
    public int hashCode() {
      steps.accept(1L + size());
      return super.hashCode();
    }
  }

  /** Texts of one hash are compared each with each where they are to be unique. */
  private final class Characters extends TextNode {

    private static final long serialVersionUID = 1;

    Characters(String text) {
      super(text);
    }

    @Override
    public String textValue() {
      steps.accept(_value.length() / CHARACTERS);
      return super.textValue();
    }

    @Override
    public boolean equals(Object other) {
      steps.accept(1L + _value.length() / CHARACTERS);
      return super.equals(other);
    }

    @Override
    public int hashCode() {
      return super.hashCode();
    }
  }
}
