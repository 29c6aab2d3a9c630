package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What teams keep in the Index, and may. */
public interface TeamQuotas {
  /**
   * @param limitBytes absent = no limit
   * @param usedBytes of blobs and manifests of all repositories of the team, each counted once
   * @param uploadingBytes of uploads under way
   */
  record Quota(String team, @Nullable Long limitBytes, long usedBytes, long uploadingBytes) {}

  /** Administrators see those of all teams, others their own team's. */
  List<Quota> list(Caller caller);

  /** Administrators only. @param limitBytes absent = no limit any more; less than is used refuses further pushes and takes nothing away */
  Quota change(Caller caller, String team, @Nullable Long limitBytes);
}
