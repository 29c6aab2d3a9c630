package dev.tallyman.web;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;

/** Options of the listeners that have no setting. */
@Singleton
class Listeners implements HttpServerOptionsCustomizer {
  private final CompletableFuture<HttpServerOptions> ofUnixSocket = new CompletableFuture<>();

  /** Those of the unix socket; there as soon as it is about to be opened, when all routes are known. */
  CompletableFuture<HttpServerOptions> ofUnixSocket() {
    return ofUnixSocket;
  }

  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    // Finds clients that vanished, since long streams have no idle limit.
    options.setTcpKeepAlive(true);
    leaveUpgrades(options);
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    options.setTcpKeepAlive(true);
  }

  @Override
  public void customizeDomainSocketServer(HttpServerOptions options) {
    // Local programs keep silent streams open; the kernel tells when they end.
    options.setIdleTimeout(0);
    leaveUpgrades(options);
    ofUnixSocket.complete(new HttpServerOptions(options));
  }

  /** {@code Upgrade: h2c} is what sessions of build clients ask for, and with the roles changed; the platform would take it for its own. */
  private static void leaveUpgrades(HttpServerOptions options) {
    options.setHttp2ClearTextEnabled(false);
  }
}
