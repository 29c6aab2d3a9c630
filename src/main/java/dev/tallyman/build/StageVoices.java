package dev.tallyman.build;

/** How the stages of one build are told, which run side by side. For several threads. */
public interface StageVoices {
  /**
   * A stage that will be built.
   *
   * @param index from 0, in the order of the file
   * @param name for people; empty: it needs none
   * @param first number of its first step; @param count of its steps
   */
  record Label(int index, String name, int first, int count) {}

  BuildOutput of(int stage);

  /** The stage says nothing more. */
  void ended(int stage);

  /** The build has failed in this stage; none says anything more. */
  void failed(int stage);
}
