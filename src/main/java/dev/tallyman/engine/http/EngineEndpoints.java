package dev.tallyman.engine.http;

/** A group of operations; every bean of this kind is asked once, at start. */
public interface EngineEndpoints {
  void register(EndpointTable table);
}
