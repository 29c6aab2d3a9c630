package dev.tallyman.build;

import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.GitSource;
import dev.tallyman.build.remote.GitTree;
import dev.tallyman.build.remote.Waiting;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.FilePipe;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Commits of repositories elsewhere, as archives on disk: with them all is done that is done with archives. */
@Singleton
class RemoteRepositories {
  private final GitSource git;
  private final ContextIntake intake;

  @Inject
  RemoteRepositories(GitSource git, ContextIntake intake) {
    this.git = git;
    this.intake = intake;
  }

  /** @param commit its 40 digits */
  record Taken(Context context, String commit) {}

  /** @param keepsGitDir with a folder .git; @param team for which one repository is taken at a time; @return the caller closes the context */
  Taken take(GitAddress address, boolean keepsGitDir, long team, Waiting waiting) {
    if (keepsGitDir && !address.directory().isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "the folder .git is kept of a whole repository only, not of its directory " + address.directory());
    }
    try (GitTree tree = git.fetch(address, team, waiting); FilePipe tar = FilePipe.open(out -> tree.write(out, keepsGitDir))) {
      return new Taken(intake.take(tar, tree.packedBytes(), "the repository " + address), tree.commit());
    } catch (TallymanException e) {
      waiting.check();
      throw reason(e);
    }
  }

  /** Rather why the files could not be written than that the archive ended. */
  private static TallymanException reason(TallymanException failure) {
    for (Throwable at = failure.getCause(); at != null; at = at.getCause()) {
      if (at instanceof TallymanException known) {
        return known;
      }
    }
    return failure;
  }
}
