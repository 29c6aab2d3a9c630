package dev.tallyman.build;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.concurrent.Executor;

/** SSH agents of the client of a build: commands use their keys, which stay where they are. */
public interface BuildAgents {
  boolean has(String id);

  /**
   * Leads a connection that a command has made to the agent, until either ends it.
   *
   * @param threads for the other direction
   */
  void lead(String id, ByteChannel command, Executor threads) throws IOException;

  static BuildAgents none() {
    return new BuildAgents() {
      @Override
      public boolean has(String id) {
        return false;
      }

      @Override
      public void lead(String id, ByteChannel command, Executor threads) throws IOException {
        throw new IOException("the client of this build has no SSH agent " + id);
      }
    };
  }
}
