package dev.tallyman.engine.image;

import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.build.remote.SourceAnswer;
import dev.tallyman.build.remote.SourceClient;
import dev.tallyman.build.remote.Waiting;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** An archive on a server of http, asked for when somebody reads it: who may not import asks nobody. Not safe for several threads. */
final class FetchedArchive extends InputStream {
  private final SourceClient client;
  private final RemoteUrl url;
  private final Waiting waiting;
  private @Nullable SourceAnswer answer;
  private @Nullable InputStream body;

  FetchedArchive(SourceClient client, RemoteUrl url, Waiting waiting) {
    this.client = client;
    this.url = url;
    this.waiting = waiting;
  }

  private InputStream body() throws IOException {
    InputStream open = body;
    if (open == null) {
      SourceAnswer came = client.get(url, waiting);
      answer = came;
      open = came.body();
      body = open;
    }
    return open;
  }

  @Override
  public int read() throws IOException {
    return body().read();
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return body().read(bytes, offset, length);
  }

  @Override
  public void close() {
    if (answer != null) {
      answer.close();
    }
  }
}
