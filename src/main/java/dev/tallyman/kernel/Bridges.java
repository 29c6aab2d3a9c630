package dev.tallyman.kernel;

import java.util.List;

/** Bridges of container networks. */
public interface Bridges {
  /**
   * Brings a bridge up, or does nothing if it is.
   *
   * @param network 64 hex characters
   * @param gateway IPv4 address of the bridge in dotted form
   * @param prefix length of the network's prefix, 8 to 30
   * @param isInternal true for no way out
   */
  void up(String network, String gateway, int prefix, boolean isInternal);

  /** Removes a bridge; an absent one is success. */
  void down(String network);

  List<String> list();
}
