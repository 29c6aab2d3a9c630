package dev.tallyman.engine.control;

import dev.tallyman.build.ClientFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Folders of which some come from other sessions: clients share one among builds of the same folder. */
final class FolderFiles implements ClientFiles {
  private final ClientFiles rest;
  private final Map<String, ClientFiles> byFolder;

  FolderFiles(ClientFiles rest, Map<String, ClientFiles> byFolder) {
    this.rest = rest;
    this.byFolder = byFolder;
  }

  @Override
  public String place(String folder) {
    return byFolder.getOrDefault(folder, rest).place(folder);
  }

  @Override
  public void copy(String folder, List<String> includes, List<String> excludes, Receiver receiver) throws IOException {
    byFolder.getOrDefault(folder, rest).copy(folder, includes, excludes, receiver);
  }

  @Override
  public void cancel() {
    rest.cancel();
    byFolder.values().forEach(ClientFiles::cancel);
  }
}
