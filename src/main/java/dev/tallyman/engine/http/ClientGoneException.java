package dev.tallyman.engine.http;

import java.io.IOException;

/** The client closed its connection while something was written to it. Nobody is left to be told. */
public final class ClientGoneException extends IOException {
  public ClientGoneException() {
    super("the client is gone");
  }
}
