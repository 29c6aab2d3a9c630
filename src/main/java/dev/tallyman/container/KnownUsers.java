package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * The users that a running container has in its files. As dockerd does, they are looked up before a command is created, when whoever asks can still
 * be told by a status. The helper looks again when the command starts, and only that counts.
 */
@Singleton
public class KnownUsers {
  private final Inventory inventory;
  private final EtcFiles files;

  @Inject
  KnownUsers(Inventory inventory, EtcFiles files) {
    this.inventory = inventory;
    this.files = files;
  }

  /**
   * @param container its id
   * @param user name or number, with {@code :group} or not, or empty
   * @throws TallymanException INVALID if a name of it is none there
   */
  public void require(String container, String user) {
    String[] parts = user.split(":", 2);
    require(container, parts[0], "user", "passwd");
    if (parts.length > 1) {
      require(container, parts[1], "group", "group");
    }
  }

  private void require(String container, String name, String kind, String file) {
    boolean isNumber = name.chars().allMatch(each -> each >= '0' && each <= '9');
    if (!isNumber && text(container, "/etc/" + file).lines().noneMatch(line -> line.startsWith(name + ":"))) {
      throw Refusal.invalid("unable to find " + kind + " " + name + ": no matching entries in " + file + " file");
    }
  }

  /** @return nothing of a file that is not there, is none, or is larger than the helper reads */
  private String text(String container, String path) {
    Cell cell = inventory.get(container);
    if (cell == null) {
      throw Refusal.absent(container);
    }
    try {
      return files.database(cell.facts(), path);
    } catch (TallymanException e) {
      if (e.kind() != ErrorKind.NOT_FOUND && e.kind() != ErrorKind.INVALID && e.kind() != ErrorKind.CONFLICT) {
        throw e;
      }
      return "";
    }
  }
}
