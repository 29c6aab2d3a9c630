package dev.tallyman.build.dockerfile;

/** Bounds the work that patterns make: whoever needs more steps is refused. */
final class StepBudget {
  private final String refusal;
  private long left;

  StepBudget(long steps, String refusal) {
    this.left = steps;
    this.refusal = refusal;
  }

  void take(long steps) {
    left -= steps;
    if (left < 0) {
      throw new DockerfileException(refusal);
    }
  }
}
