package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.BuildException;
import dev.tallyman.build.BuildOutput;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.image.Progress;
import dev.tallyman.error.TallymanException;

/** The JSON values that tell how a build goes. */
final class BuildStream extends Progress implements BuildOutput {
  private final boolean isQuiet;

  BuildStream(Exchange exchange, boolean isQuiet) {
    super(exchange);
    this.isQuiet = isQuiet;
  }

  @Override
  public void text(String text) {
    if (!isQuiet) {
      send(Json.object().put("stream", text));
    }
  }

  /** In bright red, as dockerd's classic builder tells it. */
  @Override
  public void errors(String text) {
    text("\u001b[91m" + text + "\u001b[0m");
  }

  @Override
  public void made(String image) {
    if (isQuiet) {
      send(Json.object().put("stream", image + "\n"));
    } else {
      send(Json.object().set("aux", Json.object().put("ID", image)));
    }
  }

  @Override
  public TransferProgress transfer() {
    return isQuiet ? TransferProgress.silent() : this;
  }

  @Override
  protected ObjectNode detail(TallymanException failure) {
    ObjectNode detail = super.detail(failure);
    return failure instanceof BuildException failed ? detail.put("code", failed.exitCode()) : detail;
  }
}
