package dev.tallyman.engine.grpc;

/** A group of methods; every bean of this kind is asked once, at start. */
public interface GrpcService {
  void register(GrpcTable table);
}
