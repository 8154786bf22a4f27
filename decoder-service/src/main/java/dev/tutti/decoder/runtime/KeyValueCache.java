package dev.tutti.decoder.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keys and values of the tokens that were read: the tensors that one pass gave and the next takes,
 * uncopied. Never changes, so forked sessions share it; freed when the last of them lets go.
 */
final class KeyValueCache {

  private final OnnxTensor[] tensors;
  private final int length;
  private final AtomicInteger holders = new AtomicInteger(1);

  /**
   * A cache with one holder.
   *
   * @param tensors [1, heads, length, width] each; owned from here on
   */
  KeyValueCache(OnnxTensor[] tensors, int length) {
    this.tensors = tensors;
    this.length = length;
  }

  /** A cache of no tokens. */
  static KeyValueCache empty(OrtEnvironment environment, DecoderGraph graph) {
    var tensors = new OnnxTensor[graph.past().size()];
    long[] shape = {1, graph.heads(), 0, graph.headSize()};
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = tensor(environment, ByteBuffer.allocateDirect(0), shape, graph);
    }
    return new KeyValueCache(tensors, 0);
  }

  /** Number of tokens. */
  int length() {
    return length;
  }

  /** Size of all tensors. */
  long bytes() {
    long bytes = 0;
    for (OnnxTensor tensor : tensors) {
      bytes += tensor.getInfo().getNumElements() * tensor.getInfo().type.size;
    }
    return bytes;
  }

  /** The tensor of one of the graph's cache inputs. */
  OnnxTensor tensor(int index) {
    return tensors[index];
  }

  /** One holder more. */
  KeyValueCache hold() {
    holders.incrementAndGet();
    return this;
  }

  /** One holder fewer. */
  void release() {
    if (holders.decrementAndGet() == 0) {
      for (OnnxTensor tensor : tensors) {
        tensor.close();
      }
    }
  }

  /** A new cache of the first tokens only. */
  KeyValueCache truncate(OrtEnvironment environment, DecoderGraph graph, int kept) {
    int row = graph.headSize() * graph.cacheType().size;
    var shorter = new OnnxTensor[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      ByteBuffer all = tensors[i].getByteBuffer();
      ByteBuffer cut =
          ByteBuffer.allocateDirect(graph.heads() * kept * row).order(ByteOrder.nativeOrder());
      for (int head = 0; head < graph.heads(); head++) {
        cut.put(all.slice(head * length * row, kept * row));
      }
      long[] shape = {1, graph.heads(), kept, graph.headSize()};
      shorter[i] = tensor(environment, cut.flip(), shape, graph);
    }
    return new KeyValueCache(shorter, kept);
  }

  /** A new cache of so many rows that are all the same. */
  KeyValueCache repeat(OrtEnvironment environment, DecoderGraph graph, int rows) {
    int bytes = graph.heads() * length * graph.headSize() * graph.cacheType().size;
    long[] shape = {rows, graph.heads(), length, graph.headSize()};
    var repeated = new OnnxTensor[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      ByteBuffer all = tensors[i].getByteBuffer();
      ByteBuffer copies =
          ByteBuffer.allocateDirect(Math.multiplyExact(rows, bytes)).order(ByteOrder.nativeOrder());
      for (int row = 0; row < rows; row++) {
        copies.put(all.slice(0, bytes));
      }
      repeated[i] = tensor(environment, copies.flip(), shape, graph);
    }
    return new KeyValueCache(repeated, length);
  }

  private static OnnxTensor tensor(
      OrtEnvironment environment, ByteBuffer bytes, long[] shape, DecoderGraph graph) {
    try {
      return OnnxTensor.createTensor(environment, bytes, shape, graph.cacheType());
    } catch (OrtException e) {
      throw new IllegalStateException("A key-value cache cannot be made", e);
    }
  }
}
