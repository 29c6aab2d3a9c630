package dev.tallyman.testing;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.VolumeFolders;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/** Volumes in memory. What containers write to them is not simulated. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeVolumeFolders implements VolumeFolders {
  private final FakeKernel kernel;

  public FakeVolumeFolders(FakeKernel kernel) {
    this.kernel = kernel;
  }

  private Map<String, FakeLayers.Entry> get(String volume) {
    FakeSandboxes.requireId(volume);
    Map<String, FakeLayers.Entry> found = kernel.volumes.get(volume);
    if (found == null) {
      throw new KernelException(ErrorKind.NOT_FOUND, "no such volume");
    }
    return found;
  }

  @Override
  public void create(String volume, long limitBytes) {
    FakeSandboxes.requireId(volume);
    synchronized (kernel) {
      limit(volume, limitBytes);
      kernel.volumes.computeIfAbsent(volume, absent -> new TreeMap<>());
    }
  }

  private void limit(String volume, long limitBytes) {
    if (limitBytes > 0 && !kernel.hasProjectQuotas) {
      throw new KernelException(ErrorKind.INVALID, "quota size requested but no quota support: the file system of the state folder has no projects; ext4 and xfs have, mounted with the option prjquota");
    }
    if (limitBytes > 0) {
      kernel.volumeLimits.put(volume, limitBytes);
    }
  }

  @Override
  public void remove(String volume) {
    FakeSandboxes.requireId(volume);
    synchronized (kernel) {
      kernel.volumeLimits.remove(volume);
      kernel.unfilled.remove(volume);
      kernel.volumes.remove(volume);
    }
  }

  @Override
  public List<String> list() {
    synchronized (kernel) {
      return List.copyOf(kernel.volumes.keySet());
    }
  }

  @Override
  public void export(String volume, OutputStream out) {
    try {
      TarArchiveOutputStream tar = new TarArchiveOutputStream(out);
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      synchronized (kernel) {
        for (FakeLayers.Entry each : get(volume).values()) {
          tar.putArchiveEntry(each.header());
          tar.write(each.content());
          tar.closeArchiveEntry();
        }
      }
      tar.finish();
      tar.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Size fill(String volume, InputStream in, long limitBytes) {
    FakeSandboxes.requireId(volume);
    Map<String, FakeLayers.Entry> read = new TreeMap<>();
    KernelException failure = read(in, read);
    synchronized (kernel) {
      boolean isNew = !kernel.volumes.containsKey(volume);
      if (!isNew && !isEmpty(volume)) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "the volume is not empty");
      }
      if (failure == null) {
        limit(volume, limitBytes);
        failure = overLimit(volume, read);
      }
      if (failure == null) {
        kernel.volumes.put(volume, read);
        kernel.unfilled.remove(volume);
        return size(volume);
      }
      if (!isNew) {
        kernel.volumes.put(volume, read); // in place: what was unpacked before the failure stays
        kernel.unfilled.add(volume);
      }
      throw failure;
    }
  }

  /** @return why it ended before the end of the archive, or null */
  private static @Nullable KernelException read(InputStream in, Map<String, FakeLayers.Entry> read) {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      TarArchiveEntry next;
      while ((next = tar.getNextEntry()) != null) {
        if (List.of(next.getName().split("/")).contains("..")) {
          return new KernelException(ErrorKind.INVALID, "the archive is damaged or not allowed: a path leaves the archive");
        }
        String name = next.getName().replaceAll("^(\\./|/)+", "");
        if (!name.isEmpty()) {
          next.setName(name);
          read.put(name, new FakeLayers.Entry(next, tar.readAllBytes()));
        }
      }
      return null;
    } catch (IOException | IllegalArgumentException e) {
      return new KernelException(ErrorKind.INVALID, "the archive is damaged or not allowed", e);
    }
  }

  /** Cuts the files to what fits. */
  private @Nullable KernelException overLimit(String volume, Map<String, FakeLayers.Entry> files) {
    long room = kernel.volumeLimits.getOrDefault(volume, Long.MAX_VALUE);
    boolean isOver = false;
    for (Map.Entry<String, FakeLayers.Entry> each : files.entrySet()) {
      byte[] content = each.getValue().content();
      int fits = (int) Math.min(content.length, room);
      isOver |= fits < content.length;
      room -= fits;
      each.getValue().header().setSize(fits);
      each.setValue(new FakeLayers.Entry(each.getValue().header(), Arrays.copyOf(content, fits)));
    }
    return isOver ? new KernelException(ErrorKind.EXHAUSTED, "the host has no room left: write a file: Disk quota exceeded") : null;
  }

  @Override
  public Size size(String volume) {
    synchronized (kernel) {
      Map<String, FakeLayers.Entry> files = get(volume);
      return new Size(files.values().stream().mapToLong(each -> each.content().length).sum(), files.size());
    }
  }

  @Override
  public boolean isEmpty(String volume) {
    synchronized (kernel) {
      return get(volume).isEmpty() || kernel.unfilled.contains(volume);
    }
  }
}
