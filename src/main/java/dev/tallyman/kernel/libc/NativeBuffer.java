package dev.tallyman.kernel.libc;

import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** Memory outside the heap that system calls read and write. For one thread; freed with the object. */
public final class NativeBuffer {
  final Pointer pointer;
  private final int size;

  public NativeBuffer(int size) {
    this.size = size;
    this.pointer = Memory.allocateDirect(Libc.RUNTIME, size);
  }

  public int size() {
    return size;
  }

  /** @param at where in this memory; @param offset where in the bytes */
  public void put(long at, byte[] bytes, int offset, int length) {
    pointer.put(at, bytes, offset, length);
  }

  public void get(byte[] bytes, int length) {
    pointer.get(0, bytes, 0, length);
  }
}
