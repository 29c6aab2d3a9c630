package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What nobody needs in the Index: blobs that no manifest has, and, if asked, manifests without a tag that are in no index and about no other manifest. */
public interface Garbage {
  /** @param age what was pushed, mounted or pulled within it stays; absent = tallyman.index.collect-after */
  record Wish(boolean dryRun, boolean untagged, @Nullable Duration age) {}

  /**
   * @param blobs that repositories gave up, counted in each; @param blobBytes of them
   * @param freedBytes that the disk has more now, or would have: other repositories and images keep what they name
   */
  record Figures(boolean dryRun, long repositories, long manifests, long blobs, long blobBytes, long freedBytes) {}

  /** Administrators only. @throws dev.tallyman.error.TallymanException CONFLICT while another collection runs */
  Figures collect(Caller caller, Wish wish);
}
