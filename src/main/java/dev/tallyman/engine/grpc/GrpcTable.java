package dev.tallyman.engine.grpc;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All methods by their path, e.g. {@code /moby.buildkit.v1.Control/Solve}. */
public final class GrpcTable {
  private final Map<String, GrpcMethod> methods = new HashMap<>();
  private final Map<String, GrpcTunnel> tunnels = new HashMap<>();

  public void add(String path, GrpcMethod method) {
    if (methods.putIfAbsent(path, method) != null) {
      throw new IllegalStateException("two methods for " + path);
    }
  }

  /** One that is known and not offered. */
  public void refuse(String path, String reason) {
    add(path, (call, request) -> {
      throw new TallymanException(ErrorKind.UNSUPPORTED, reason);
    });
  }

  public void tunnel(String path, GrpcTunnel tunnel) {
    if (tunnels.putIfAbsent(path, tunnel) != null) {
      throw new IllegalStateException("two methods for " + path);
    }
  }

  @Nullable GrpcTunnel findTunnel(String path) {
    return tunnels.get(path);
  }

  @Nullable GrpcMethod find(String path) {
    return methods.get(path);
  }
}
