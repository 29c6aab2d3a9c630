package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.PackedStream;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.Sandboxes.FileRow;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** Moves files through the kernel, which resolves every path inside the container. */
@Singleton
class CopyService implements FileCopies {
  /** A page of a browser holds no more; docker does not list. */
  static final int ENTRIES_MAX = 10_000;

  private static final int NAME_BYTES_MAX = 255;

  private final Inventory inventory;
  private final Sandboxes sandboxes;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final WorkingFolder workingFolder;

  @Inject
  CopyService(Inventory inventory, Sandboxes sandboxes, Ledger ledger, ContainerEvents events, WorkingFolder workingFolder) {
    this.inventory = inventory;
    this.sandboxes = sandboxes;
    this.ledger = ledger;
    this.events = events;
    this.workingFolder = workingFolder;
  }

  private Cell find(Caller caller, String name, String path) {
    caller.require(Role.MEMBER, "see files of container " + name);
    Cell cell = inventory.find(caller, name);
    if (path.isEmpty()) {
      throw Refusal.invalid("bad parameter: path cannot be empty");
    }
    if (path.indexOf('\0') >= 0) {
      throw Refusal.invalid("bad parameter: path cannot hold a zero byte");
    }
    workingFolder.ensure(cell);
    return cell;
  }

  @Override
  public FileRow look(Caller caller, String name, String path) {
    Cell cell = find(caller, name, path);
    return told(name, path, () -> seen(cell).stat(cell.id, layers(cell), path));
  }

  /** With its volumes, also while it does not run. */
  private Sandboxes seen(Cell cell) {
    return sandboxes.withMounts(MountPoint.kernelMounts(cell.facts().plan().mounts()));
  }

  private static List<String> layers(Cell cell) {
    return cell.facts().plan().layers();
  }

  @Override
  public Listing list(Caller caller, String name, String path) {
    Cell cell = find(caller, name, path);
    List<FileRow> rows = new ArrayList<>();
    told(
        name, path,
        () -> {
          seen(cell).list(cell.id, layers(cell), path, row -> rows.add(row) && rows.size() <= ENTRIES_MAX + 1);
          return true;
        });
    boolean isCut = rows.size() > ENTRIES_MAX + 1;
    List<FileRow> entries = rows.subList(1, isCut ? ENTRIES_MAX + 1 : rows.size()).stream().sorted(Comparator.comparing(FileRow::name)).toList();
    return new Listing(rows.get(0), entries, isCut);
  }

  @Override
  public void copyOut(Caller caller, String name, String path, Consumer<FileRow> found, OutputStream out) {
    get(caller, name, path, false, found, out);
  }

  @Override
  public void read(Caller caller, String name, String path, Consumer<FileRow> found, OutputStream out) {
    get(caller, name, path, true, found, out);
  }

  private void get(Caller caller, String name, String path, boolean isContent, Consumer<FileRow> found, OutputStream out) {
    ledger.attempt(
        caller, "copy-out", name,
        () -> {
          Cell cell = find(caller, name, path);
          atRest(
              cell,
              () -> told(
                  name, path,
                  () -> {
                    seen(cell).get(cell.id, layers(cell), path, isContent, row -> begin(caller, cell, path, row, found), out);
                    return true;
                  }));
          return true;
        });
  }

  /** On record before the first byte leaves. */
  private void begin(Caller caller, Cell cell, String path, FileRow row, Consumer<FileRow> found) {
    ledger.note(caller, cell.facts(), "copy-out", path);
    events.publish(caller, cell.facts(), "archive-path");
    found.accept(row);
  }

  @Override
  public void copyIn(Caller caller, String name, CopyIn how, InputStream tar) {
    ledger.attempt(
        caller, "copy-in", name,
        () -> {
          Cell cell = find(caller, name, how.path());
          atRest(
              cell,
              () -> told(
                  name, how.path(),
                  () -> {
                    put(cell, how, tar);
                    return true;
                  }));
          ledger.note(caller, cell.facts(), "copy-in", how.path());
          events.publish(caller, cell.facts(), "extract-to-dir");
          return true;
        });
  }

  @Override
  public void write(Caller caller, String name, String path, int mode, long size, InputStream content) {
    int slash = path.lastIndexOf('/');
    String file = path.substring(slash + 1);
    if (file.isEmpty() || file.equals(".") || file.equals("..") || slash < 0) {
      throw Refusal.invalid("bad parameter: path must be absolute and end in the name of a file");
    }
    if (file.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
      throw Refusal.invalid("bad parameter: the name of the file is too long");
    }
    copyIn(caller, name, new CopyIn(path.substring(0, slash + 1), true, false), OneFileTar.of(file, mode & 07777, size, Instant.now(), content));
  }

  private void put(Cell cell, CopyIn how, InputStream tar) {
    Facts facts = cell.facts();
    String owner = how.toUser() ? facts.plan().user() : "";
    if (facts.spec().isReadOnly() && !facts.state().isAlive()) {
      FileRow target = seen(cell).stat(cell.id, layers(cell), how.path());
      throw target.isRegular() ? Refusal.invalid("extraction point is not a directory") : new TallymanException(ErrorKind.DENIED, "container rootfs is marked read-only");
    }
    try {
      seen(cell).put(cell.id, layers(cell), how.path(), owner, how.keepsKind(), PackedStream.unpacked(tar));
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "the archive cannot be read: " + e.getMessage(), e);
    }
  }

  /** A container that does not run must not be started meanwhile: two views of its writable layer at once would disagree. */
  private static void atRest(Cell cell, Runnable work) {
    if (cell.state().isAlive()) {
      work.run();
    } else {
      cell.locked(
          () -> {
            cell.requirePresent();
            work.run();
          });
    }
  }

  /** A path that is not there, in Docker's words. */
  private static <T> T told(String name, String path, java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (KernelException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        throw new TallymanException(ErrorKind.NOT_FOUND, "Could not find the file " + path + " in container " + name, e);
      }
      throw e;
    }
  }
}
