package dev.tallyman.build;

import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.RemoteUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the sources of an ADD are: paths of the context, and files and repositories that lie elsewhere. */
final class AddSources {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7,40}");

  private final Build build;
  private final List<Context> open;
  private final SourceSecrets secrets;

  /** @param open gets what must be closed */
  AddSources(Build build, List<Context> open) {
    this.build = build;
    this.open = open;
    this.secrets = new SourceSecrets(build.request.secrets());
  }

  List<Found> find(Instruction.Add add) {
    requireSense(add);
    FileSelection selection = FileSelection.without(add.excludes());
    List<Found> found = new ArrayList<>();
    for (String path : add.sources().paths()) {
      if (GitAddress.is(path)) {
        CopySources.add(found, repository(GitAddress.parse(path), add), selection);
      } else if (RemoteUrl.is(path)) {
        CopySources.add(found, file(RemoteUrl.parse(path), add.checksum()), selection);
      } else if (GitAddress.isOtherTransport(path)) {
        throw new Refused(String.valueOf(GitAddress.otherTransport(path).getMessage()));
      } else {
        found.addAll(CopySources.find(build.context, List.of(path), selection));
      }
    }
    return found;
  }

  private static void requireSense(Instruction.Add add) {
    List<String> paths = add.sources().paths();
    if (!add.checksum().isEmpty() && (paths.size() != 1 || !add.sources().files().isEmpty())) {
      throw new Refused("ADD --checksum can't be specified for multiple sources");
    }
    if (!add.checksum().isEmpty() && !RemoteUrl.is(paths.get(0))) {
      throw new Refused("ADD --checksum requires HTTP(S) or Git sources");
    }
    if (add.keepsGitDir() != null && paths.stream().noneMatch(GitAddress::is)) {
      throw new Refused("ADD --keep-git-dir requires a Git source");
    }
  }

  private Found file(RemoteUrl url, String checksum) {
    Found file = build.parts.remoteFiles.file(secrets.file(url), checksum, build.caller.team(), build.cancellation);
    open.add(file.from());
    build.origins.add(url + " sha256:" + file.from().digest());
    return file;
  }

  private Found repository(GitAddress address, Instruction.Add add) {
    String checksum = add.checksum();
    if (!checksum.isEmpty() && !COMMIT.matcher(checksum).matches()) {
      throw new Refused("ADD --checksum of a repository must be 7 to 40 hexadecimal digits of a commit, got " + checksum);
    }
    RemoteRepositories.Taken taken = build.parts.repositories.take(secrets.repository(address), Boolean.TRUE.equals(add.keepsGitDir()), build.caller.team(), build.cancellation);
    open.add(taken.context());
    if (!taken.commit().startsWith(checksum)) {
      throw new Refused("digest mismatch for " + address + ": it is commit " + taken.commit() + ", expected " + checksum);
    }
    build.origins.add(address + " commit " + taken.commit());
    return new Found("", taken.context().tree().root(), taken.context(), true);
  }

  /** A source as history and keys have it. */
  static String shown(String path) {
    return GitAddress.is(path) ? GitAddress.parse(path).toString() : RemoteUrl.is(path) ? RemoteUrl.parse(path).toString() : path;
  }
}
