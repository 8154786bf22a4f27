package dev.tutti.decoder.runtime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Memory outside the heap that goes back when it is closed. A direct buffer's goes back when a
 * collection finds it, and until then every rewind of every session would hold a cache.
 */
final class NativeBuffer implements AutoCloseable {

  private static final MethodHandle MALLOC =
      function("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      function("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

  private static final LongAdder HELD = new LongAdder();

  private final MemorySegment memory;
  private boolean closed;

  /**
   * Memory with anything in it.
   *
   * @param bytes how many; at least 1
   * @throws OutOfMemoryError when there is none left
   */
  @SuppressWarnings("restricted")
  NativeBuffer(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes = %d, must be at least 1".formatted(bytes));
    }
    MemorySegment start;
    try {
      start = (MemorySegment) MALLOC.invokeExact(bytes);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (start.address() == 0) {
      throw new OutOfMemoryError("%d bytes outside the heap".formatted(bytes));
    }
    memory = start.reinterpret(bytes);
    HELD.add(bytes);
  }

  /** Bytes of all that are not closed. */
  static long held() {
    return HELD.sum();
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
  }

  /** Part of it, in the machine's byte order; not to be touched once it is closed. */
  ByteBuffer part(long from, int bytes) {
    return memory.asSlice(from, bytes).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /** Gives it back. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      HELD.add(-memory.byteSize());
      try {
        FREE.invokeExact(memory);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
