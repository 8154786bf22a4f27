package dev.tutti.decoder.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keys and values of the tokens that were read: the tensors that one pass gave and the next takes,
 * uncopied. Never changes, so forked sessions share it; freed when the last of them lets go, at
 * once wherever they lie.
 */
final class KeyValueCache {

  // Where each tensor begins in memory that several share.
  private static final int ALIGNMENT = 64;
  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  private final OnnxTensor[] tensors;
  private final int length;
  private final Optional<NativeBuffer> memory;
  private final AtomicInteger holders = new AtomicInteger(1);

  /**
   * A cache with one holder.
   *
   * @param tensors [1, heads, length, width] each, in memory of the runtime; owned from here on
   */
  KeyValueCache(OnnxTensor[] tensors, int length) {
    this(tensors, length, Optional.empty());
  }

  private KeyValueCache(OnnxTensor[] tensors, int length, Optional<NativeBuffer> memory) {
    this.tensors = tensors;
    this.length = length;
    this.memory = memory;
  }

  /** A cache of no tokens. */
  static KeyValueCache empty(OrtEnvironment environment, DecoderGraph graph) {
    return make(environment, graph, 1, 0, (_, _) -> {});
  }

  /** Writes the bytes of one of the tensors. */
  private interface TensorWriter {
    void write(int index, ByteBuffer bytes);
  }

  /** A cache in memory of its own: [rows, heads, length, width] each. */
  private static KeyValueCache make(
      OrtEnvironment environment, DecoderGraph graph, int rows, int length, TensorWriter writer) {
    int bytes =
        Math.toIntExact(
            (long) rows * graph.heads() * length * graph.headSize() * graph.cacheType().size);
    long[] shape = {rows, graph.heads(), length, graph.headSize()};
    long step = Math.ceilDiv(bytes, ALIGNMENT) * (long) ALIGNMENT;
    var tensors = new OnnxTensor[graph.past().size()];
    Optional<NativeBuffer> memory =
        bytes == 0 ? Optional.empty() : Optional.of(new NativeBuffer(tensors.length * step));
    var made = new KeyValueCache(tensors, length, memory);
    boolean whole = false;
    try {
      for (int i = 0; i < tensors.length; i++) {
        int at = i;
        ByteBuffer part = memory.map(its -> its.part(at * step, bytes)).orElse(NOTHING);
        writer.write(i, part);
        tensors[i] = OnnxTensor.createTensor(environment, part.rewind(), shape, graph.cacheType());
      }
      whole = true;
      return made;
    } catch (OrtException e) {
      throw new IllegalStateException("A key-value cache cannot be made", e);
    } finally {
      if (!whole) {
        made.release();
      }
    }
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
        if (tensor != null) {
          tensor.close();
        }
      }
      memory.ifPresent(NativeBuffer::close);
    }
  }

  /** A new cache of the first tokens only. */
  KeyValueCache truncate(OrtEnvironment environment, DecoderGraph graph, int kept) {
    int row = graph.headSize() * graph.cacheType().size;
    return make(
        environment,
        graph,
        1,
        kept,
        (index, cut) -> {
          ByteBuffer all = tensors[index].getByteBuffer();
          for (int head = 0; head < graph.heads(); head++) {
            cut.put(all.slice(head * length * row, kept * row));
          }
        });
  }

  /** A new cache of so many rows that are all the same. */
  KeyValueCache repeat(OrtEnvironment environment, DecoderGraph graph, int rows) {
    return make(
        environment,
        graph,
        rows,
        length,
        (index, copies) -> {
          ByteBuffer all = tensors[index].getByteBuffer();
          for (int row = 0; row < rows; row++) {
            copies.put(all.rewind());
          }
        });
  }
}
