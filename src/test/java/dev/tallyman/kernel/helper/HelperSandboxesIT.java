package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.SandboxBuilder;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.SandboxesContract;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * The contract against an installed helper. Run it as the server's user: {@code -Dtallyman.helper=…/helper -Dtallyman.state=… -Dtallyman.monitor=…
 * -Dtallyman.busybox=/bin/busybox -Dtallyman.subnet=10.88.77} (the first three numbers of a network within the policy).
 */
@Tag("kernel")
class HelperSandboxesIT extends SandboxesContract {
  private static final String LAYER = SandboxBuilder.id();
  private static final String NETWORK = SandboxBuilder.id();
  private static final String SUBNET = System.getProperty("tallyman.subnet", "10.88.77");
  private static final List<String> APPLETS =
      List.of("sh", "echo", "cat", "sleep", "true", "false", "pwd", "hostname", "stty", "wc", "mkdir", "touch", "env", "id", "seq", "yes", "ls", "dd", "head");

  private static Helper helper;
  private static Sandboxes sandboxes;

  @BeforeAll
  static void unpack() {
    helper = new Helper(Path.of(property("tallyman.helper")));
    sandboxes = new HelperSandboxes(helper, Path.of(property("tallyman.state"), "records"), Path.of(property("tallyman.monitor")));
    new HelperLayers(helper).unpack(LAYER, new ByteArrayInputStream(busybox()));
    new HelperBridges(helper).up(Bridges.Bridge.plain(NETWORK, SUBNET + ".1", 24));
  }

  @AfterAll
  static void remove() {
    new HelperBridges(helper).down(NETWORK);
    new HelperLayers(helper).remove(LAYER);
    helper.close();
  }

  @Override
  protected Bridges bridges() {
    return new HelperBridges(helper);
  }

  private static String property(String name) {
    return assertNotNullValue(System.getProperty(name), "give -D" + name + "=…");
  }

  private static String assertNotNullValue(String value, String message) {
    assertNotNull(value, message);
    return value;
  }

  private static byte[] busybox() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (String folder : List.of("bin/", "etc/", "tmp/")) {
        tar.putArchiveEntry(new TarArchiveEntry(folder));
        tar.closeArchiveEntry();
      }
      byte[] program = Files.readAllBytes(Path.of(System.getProperty("tallyman.busybox", "/bin/busybox")));
      TarArchiveEntry file = new TarArchiveEntry("bin/busybox");
      file.setSize(program.length);
      file.setMode(0755);
      tar.putArchiveEntry(file);
      tar.write(program);
      tar.closeArchiveEntry();
      for (String applet : APPLETS) {
        TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
        link.setLinkName("busybox");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  protected Sandboxes sandboxes() {
    return sandboxes;
  }

  @Override
  protected List<String> layers() {
    return List.of(LAYER);
  }

  @Override
  protected String network() {
    return NETWORK;
  }

  @Override
  protected String subnet() {
    return SUBNET;
  }
}
