package dev.tallyman.build.remote;

import dev.tallyman.error.Credentials;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.Repository;

/**
 * What of a repository a build wants: {@code https://host/path.git#ref:directory}.
 *
 * @param ref a branch, a tag, another ref in full, or the 40 digits of a commit; empty: what the repository shows first
 * @param directory within its tree, without slashes at its ends; empty: all of it
 */
public record GitAddress(RemoteUrl url, String ref, String directory) {
  private static final Pattern REPOSITORY = Pattern.compile("(?is)https?://[^?#]*\\.git/?(\\?[^#]*)?(#.*)?");
  private static final Pattern OTHER = Pattern.compile("(?is)(?:[^/@\\s]+@[^:/\\s]+:.*|[a-z][a-z0-9+.-]*::.*|(?!https?://)[a-z][a-z0-9+.-]*://.*)");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final int LONGEST_REF = 255;
  private static final int LONGEST_DIRECTORY = 4096;

  public static boolean is(String text) {
    return REPOSITORY.matcher(text).matches();
  }

  /** True for what git would fetch in a way that is not offered: ssh, git's own, files, helpers. */
  public static boolean isOtherTransport(String text) {
    return OTHER.matcher(text).matches();
  }

  public static TallymanException otherTransport(String text) {
    return new TallymanException(ErrorKind.UNSUPPORTED, "sources are fetched by http and https only, not from " + withoutUser(text));
  }

  /** Also of what has no scheme: {@code user:password@host:path}. */
  private static String withoutUser(String text) {
    String shown = Credentials.removed(text);
    return shown.contains("://") ? shown : shown.substring(shown.lastIndexOf('@') + 1);
  }

  /** @throws TallymanException INVALID for what names nothing in a repository, or would be an option elsewhere */
  public static GitAddress parse(String text) {
    int hash = text.indexOf('#');
    String fragment = hash < 0 ? "" : text.substring(hash + 1);
    RemoteUrl url = RemoteUrl.parse(hash < 0 ? text : text.substring(0, hash));
    if (url.address().getRawQuery() != null) {
      throw invalid("the address of a repository has no query: a ref and a directory are written as #ref:directory");
    }
    int colon = fragment.indexOf(':');
    String ref = colon < 0 ? fragment : fragment.substring(0, colon);
    return new GitAddress(url, checkedRef(ref), checkedDirectory(colon < 0 ? "" : fragment.substring(colon + 1)));
  }

  private static String checkedRef(String ref) {
    boolean isName = ref.length() <= LONGEST_REF && !ref.startsWith("-") && Repository.isValidRefName("refs/heads/" + ref);
    if (!ref.isEmpty() && !isName) {
      throw invalid("invalid git ref " + quoted(ref));
    }
    return ref;
  }

  private static String checkedDirectory(String text) {
    String directory = text.replaceAll("^/+|/+$", "");
    boolean isBad = directory.length() > LONGEST_DIRECTORY || directory.chars().anyMatch(each -> each < ' ' || each == 0x7f || each == '\\');
    if (isBad || !directory.isEmpty() && List.of(directory.split("/", -1)).stream().anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))) {
      throw invalid("invalid directory of a repository " + quoted(text) + ": it must be within it");
    }
    return directory;
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }

  private static String quoted(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return "'" + (plain.length() > 100 ? plain.substring(0, 100) + "…" : plain) + "'";
  }

  boolean isCommit() {
    return COMMIT.matcher(ref).matches();
  }

  /** Names under which a server may have the ref; the first that it has is meant. */
  List<String> candidates() {
    if (ref.isEmpty()) {
      return List.of("HEAD");
    }
    return ref.startsWith("refs/") ? List.of(ref) : List.of("refs/heads/" + ref, "refs/tags/" + ref, "refs/" + ref);
  }

  /** Without credentials. */
  @Override
  public String toString() {
    String where = directory.isEmpty() ? ref : ref + ":" + directory;
    return url + (where.isEmpty() ? "" : "#" + where);
  }
}
