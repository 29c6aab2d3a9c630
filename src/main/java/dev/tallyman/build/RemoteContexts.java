package dev.tallyman.build;

import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;

/** Contexts that the server fetches. */
@Singleton
class RemoteContexts {
  /** Without a scheme, as people type it. */
  private static final Pattern SHORT = Pattern.compile("(?i)(github\\.com|gitlab\\.com|bitbucket\\.org)/[^#]+(#.*)?");

  /** The build argument by which clients of BuildKit ask for it. */
  static final String KEEP_GIT_DIR = "BUILDKIT_CONTEXT_KEEP_GIT_DIR";

  private final RemoteFiles files;
  private final RemoteRepositories repositories;

  @Inject
  RemoteContexts(RemoteFiles files, RemoteRepositories repositories) {
    this.files = files;
    this.repositories = repositories;
  }

  /** @param origin where it came from, without credentials, and which commit it is */
  record Taken(Context context, String origin) {}

  private static boolean keepsGitDir(BuildRequest request) {
    String given = request.arguments().getOrDefault(KEEP_GIT_DIR, "");
    return given.equals("1") || given.equalsIgnoreCase("true");
  }

  /** @throws TallymanException INVALID, DENIED or UNAVAILABLE with why it could not be fetched */
  Taken take(BuildRequest request, long team, Cancellation cancellation) {
    boolean isShort = SHORT.matcher(request.remote()).matches();
    String address = isShort ? "https://" + request.remote() : request.remote();
    if (isShort || GitAddress.is(address)) {
      GitAddress repository = GitAddress.parse(address);
      RemoteRepositories.Taken taken = repositories.take(repository, keepsGitDir(request), team, cancellation);
      return new Taken(taken.context(), repository + " commit " + taken.commit());
    }
    if (!RemoteUrl.is(address)) {
      throw GitAddress.otherTransport(address);
    }
    RemoteUrl url = RemoteUrl.parse(address);
    return new Taken(files.context(url, request.dockerfile(), cancellation), url.toString());
  }
}
