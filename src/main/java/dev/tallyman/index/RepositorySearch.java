package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.util.List;

/** Finds repositories of the Index. */
public interface RepositorySearch {
  /**
   * Repositories that the caller may pull from and whose name, description or label (of the newest image that has some) has the term, whatever the case of its letters; no character is a wildcard.
   *
   * @param limit largest number of them, at least 1
   * @return by name
   * @throws dev.tallyman.error.TallymanException INVALID for a term that is longer than any description
   */
  List<Found> search(Caller caller, String term, int limit);

  /** @param description a line for people; empty if there is none */
  record Found(String name, String description) {}
}
