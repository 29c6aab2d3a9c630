package dev.tallyman.container;

/** Checks of what a further process of a container asks for. */
public final class ProcessRules {
  private ProcessRules() {}

  /**
   * @param workdir absolute path, or empty
   * @param user name or number, with {@code :group} or not, or empty
   * @throws dev.tallyman.error.TallymanException INVALID
   */
  public static void check(String workdir, String user) {
    SpecRules.checkWorkdir(workdir);
    SpecRules.checkUser(user);
  }
}
