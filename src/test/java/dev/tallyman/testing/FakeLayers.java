package dev.tallyman.testing;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Layers;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Layers in memory. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeLayers implements Layers {
  /** A file of a layer, as its tar had it. */
  record Entry(TarArchiveEntry header, byte[] content) {}

  private final FakeKernel kernel;

  public FakeLayers(FakeKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public long unpack(String layer, InputStream tar) {
    FakeSandboxes.requireId(layer);
    synchronized (kernel) {
      List<Entry> known = kernel.layers.get(layer);
      if (known != null) {
        return size(known);
      }
    }
    List<Entry> entries = new ArrayList<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(tar)) {
      TarArchiveEntry next;
      while ((next = in.getNextEntry()) != null) {
        if (Arrays.asList(next.getName().split("/")).contains("..")) {
          throw new KernelException(ErrorKind.INVALID, "archive: a name leaves the layer");
        }
        entries.add(new Entry(next, in.readAllBytes()));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new KernelException(ErrorKind.INVALID, "archive: damaged", e);
    }
    synchronized (kernel) {
      kernel.layers.put(layer, List.copyOf(entries));
    }
    return size(entries);
  }

  private static long size(List<Entry> entries) {
    return entries.stream().mapToLong(each -> each.content().length).sum();
  }

  @Override
  public void remove(String layer) {
    synchronized (kernel) {
      kernel.layers.remove(layer);
    }
  }

  @Override
  public void finishRemovals() {
    // nothing is put off here
  }

  @Override
  public List<String> list() {
    synchronized (kernel) {
      return List.copyOf(kernel.layers.keySet());
    }
  }
}
