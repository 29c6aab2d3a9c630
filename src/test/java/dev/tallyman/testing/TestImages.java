package dev.tallyman.testing;

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
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Images for tests that run containers. */
@ApplicationScoped
public class TestImages {
  @Inject TestAccounts accounts;
  @Inject Images images;

  /** Makes {@code busybox:latest} with the command {@code sh}, if it is not there. */
  public synchronized Images.Image busybox() {
    Caller admin = accounts.admin();
    try {
      return images.inspect(admin, "busybox:latest");
    } catch (TallymanException e) {
      return images.importTar(admin, new ByteArrayInputStream(tar()), "busybox:latest", List.of("CMD [\"sh\"]", "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin"), "");
    }
  }

  /** A tar of one small file. */
  public static byte[] tar() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("bin/sh");
      entry.setSize(3);
      tar.putArchiveEntry(entry);
      tar.write(new byte[] {'s', 'h', '\n'});
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
