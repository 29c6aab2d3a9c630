package dev.tallyman.testing;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Images and containers for tests that boot the server; the programs are those of {@link FakeCommands}. */
@ApplicationScoped
public class TestContainers {
  public static final String IMAGE = "testbox:latest";

  @Inject Images images;
  @Inject Containers containers;

  /** Makes the image {@link #IMAGE} in the caller's team, unless it is there. */
  public synchronized void seed(Caller caller) {
    try {
      images.inspect(caller, IMAGE);
    } catch (TallymanException absent) {
      images.importTar(caller, new ByteArrayInputStream(tar()), IMAGE, List.of("CMD [\"sh\"]"), "");
    }
  }

  private static byte[] tar() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry file = new TarArchiveEntry("bin/sh");
      file.setSize(4);
      tar.putArchiveEntry(file);
      tar.write(new byte[] {'t', 'e', 's', 't'});
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** @return id of a new container that was not started */
  public String created(Caller caller, String... command) {
    seed(caller);
    return containers.create(caller, ContainerSpec.of("t" + UUID.randomUUID().toString().substring(0, 12), IMAGE, List.of(command))).id();
  }

  /** @return id of a container that runs */
  public String running(Caller caller, String... command) {
    String id = created(caller, command);
    containers.start(caller, id);
    return id;
  }

  /** @return id of a container that has ended */
  public String finished(Caller caller, String... command) {
    String id = running(caller, command);
    try {
      containers.wait(caller, id, WaitCondition.NOT_RUNNING).get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the container did not end", e);
    }
    return id;
  }
}
