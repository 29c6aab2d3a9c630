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

  private static final String FILE = "context";

  private final RemoteFiles files;
  private final RemoteRepositories repositories;

  @Inject
  RemoteContexts(RemoteFiles files, RemoteRepositories repositories) {
    this.files = files;
    this.repositories = repositories;
  }

  /** @param origin where it came from, without credentials, and which commit it is */
  record Taken(Context context, String origin) {}

  /** One beside the first, of which a file is called {@value #FILE}. @throws TallymanException as {@link #take} */
  Taken beside(String address, BuildSecrets secrets, long team, Cancellation cancellation) {
    if (GitAddress.is(address)) {
      return repository(new SourceSecrets(secrets).repository(GitAddress.parse(address)), false, team, cancellation);
    }
    RemoteUrl url = new SourceSecrets(secrets).file(RemoteUrl.parse(address));
    return new Taken(files.named(url, FILE, cancellation), url.toString());
  }

  private Taken repository(GitAddress address, boolean keepsGitDir, long team, Cancellation cancellation) {
    RemoteRepositories.Taken taken = repositories.take(address, keepsGitDir, team, cancellation);
    return new Taken(taken.context(), address + " commit " + taken.commit());
  }

  private static boolean keepsGitDir(BuildRequest request) {
    String given = request.arguments().getOrDefault(KEEP_GIT_DIR, "");
    return given.equals("1") || given.equalsIgnoreCase("true");
  }

  /** @throws TallymanException INVALID, DENIED or UNAVAILABLE with why it could not be fetched */
  Taken take(BuildRequest request, long team, Cancellation cancellation) {
    boolean isShort = SHORT.matcher(request.remote()).matches();
    String address = isShort ? "https://" + request.remote() : request.remote();
    SourceSecrets secrets = new SourceSecrets(request.secrets());
    if (isShort || GitAddress.is(address)) {
      return repository(secrets.repository(GitAddress.parse(address)), keepsGitDir(request), team, cancellation);
    }
    if (!RemoteUrl.is(address)) {
      throw GitAddress.otherTransport(address);
    }
    RemoteUrl url = secrets.file(RemoteUrl.parse(address));
    return new Taken(files.context(url, request.dockerfile(), cancellation), url.toString());
  }
}
