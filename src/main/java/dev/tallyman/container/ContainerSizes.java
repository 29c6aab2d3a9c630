package dev.tallyman.container;

import dev.tallyman.identity.Caller;
import java.util.List;
import java.util.Map;

/** How much room containers take. Measured when asked: it takes milliseconds for each, and longer for one with very many files. */
public interface ContainerSizes {
  /** @return by container id; one that is gone is left out */
  Map<String, Size> of(Caller caller, List<Container> containers);

  /**
   * @param writableBytes files that it wrote, each counted once; -1 = could not be measured
   * @param wholeBytes these and its image
   */
  record Size(long writableBytes, long wholeBytes) {}
}
