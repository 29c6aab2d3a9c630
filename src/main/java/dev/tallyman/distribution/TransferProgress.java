package dev.tallyman.distribution;

/**
 * Told how a pull or push goes, from several threads. What it throws ends the transfer: the client is gone.
 */
public interface TransferProgress {
  /** A line about the whole. */
  void line(String text);

  /** @param id of a layer (12 hex characters) or a tag */
  void status(String id, String status);

  /** @param total bytes; 0 = not known */
  void bytes(String id, String status, long current, long total);

  static TransferProgress silent() {
    return new TransferProgress() {
      @Override
      public void line(String text) {}

      @Override
      public void status(String id, String status) {}

      @Override
      public void bytes(String id, String status, long current, long total) {}
    };
  }
}
