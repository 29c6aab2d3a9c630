package dev.tallyman.engine.grpc;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.engine.http.ClientGoneException;
import dev.tallyman.engine.http.EngineErrors;
import io.netty.channel.Channel;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs methods and tells how they ended. */
@Singleton
class Dispatcher {
  private final GrpcTable table;
  private final Executor threads;

  @Inject
  Dispatcher(Instance<GrpcService> services, WaitingThreads threads) {
    this(new GrpcTable(), threads);
    services.forEach(each -> each.register(table));
  }

  Dispatcher(GrpcTable table, Executor threads) {
    this.table = table;
    this.threads = threads;
  }

  @Nullable GrpcMethod find(String path) {
    return table.find(path);
  }

  @Nullable GrpcTunnel findTunnel(String path) {
    return table.findTunnel(path);
  }

  /** @param taker gets what takes the channel; it does not run when the tunnel was refused */
  void open(GrpcTunnel tunnel, String path, Invocation call, Consumer<Consumer<Channel>> taker) {
    execute(call, () -> {
      GrpcStatus status = run((opened, nothing) -> taker.accept(tunnel.open(opened)), path, call, new byte[0]);
      if (status.code() != 0) {
        call.finish(status);
      }
    });
  }

  void start(GrpcMethod method, String path, Invocation call, byte[] request) {
    execute(call, () -> call.finish(run(method, path, call, request)));
  }

  private void execute(Invocation call, Runnable task) {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      call.finish(new GrpcStatus(GrpcStatus.CANCELLED, "the server is shutting down"));
    }
  }

  private static GrpcStatus run(GrpcMethod method, String path, Invocation call, byte[] request) {
    try {
      method.call(call, new ProtoReader(request));
      return GrpcStatus.ok();
    } catch (GrpcFailure e) {
      return e.status();
    } catch (ClientGoneException e) {
      return gone();
    } catch (DamagedMessageException e) {
      return new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      return e.getCause() instanceof ClientGoneException ? gone() : GrpcStatus.of(EngineErrors.told(e, path));
    } catch (IOException | RuntimeException | Error e) {
      return GrpcStatus.of(EngineErrors.told(e, path));
    }
  }

  private static GrpcStatus gone() {
    return new GrpcStatus(GrpcStatus.CANCELLED, "the client is gone");
  }
}
