package dev.tallyman.engine.http;

/** One operation of the API. Runs on a thread that may block. */
@FunctionalInterface
public interface Endpoint {
  /** May throw anything; a {@link dev.tallyman.error.TallymanException} reaches the client with its message. */
  Answer handle(Exchange exchange) throws Exception;
}
