package dev.tallyman.kernel;

import java.io.InputStream;
import java.util.List;

/** Unpacked image layers in the helper's store. A layer is named by 64 lower-case hex characters, chosen before its digest is known. */
public interface Layers {
  /**
   * Unpacks an uncompressed tar as a layer; durable when this returns. An existing layer is left as it is and the tar is not read.
   *
   * @return size of the files in bytes
   * @throws KernelException INVALID for a damaged or hostile archive, EXHAUSTED when the disk is full
   */
  long unpack(String layer, InputStream tar);

  /** Removes a layer; an absent one is success. It is gone when this returns; the space of its files is free a moment later. */
  void remove(String layer);

  /** Frees what removals left that were interrupted by a crash. Returns before that is done. */
  void finishRemovals();

  /** All layers in the store, ascending. */
  List<String> list();
}
