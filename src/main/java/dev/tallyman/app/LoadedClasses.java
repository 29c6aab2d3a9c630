package dev.tallyman.app;

import java.nio.file.Path;
import java.util.Optional;

/** Whether the virtual machine took its classes from the archive that setup/archive.sh makes. Only the time of a start depends on it. */
final class LoadedClasses {
  private LoadedClasses() {}

  /**
   * @param archive what the virtual machine was told to use
   * @param vmInfo the property java.vm.info: "sharing" is in it exactly when an archive was accepted (also the JDK's own, if no other is named)
   */
  static Optional<String> whyNotFromArchive(Optional<Path> archive, String vmInfo) {
    if (archive.isEmpty()) {
      return Optional.of("started without an archive of loaded classes: slower, otherwise the same; ./tallyman up makes one");
    }
    if (!vmInfo.contains("sharing")) {
      return Optional.of("the archive of loaded classes " + archive.get() + " does not fit this JDK or server, started without: slower, otherwise the same");
    }
    return Optional.empty();
  }
}
