package dev.tallyman.web;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;

/** Options of the listeners that have no setting. */
@Singleton
class Listeners implements HttpServerOptionsCustomizer {
  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    // Finds clients that vanished, since long streams have no idle limit.
    options.setTcpKeepAlive(true);
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    options.setTcpKeepAlive(true);
  }

  @Override
  public void customizeDomainSocketServer(HttpServerOptions options) {
    // Local programs keep silent streams open; the kernel tells when they end.
    options.setIdleTimeout(0);
  }
}
