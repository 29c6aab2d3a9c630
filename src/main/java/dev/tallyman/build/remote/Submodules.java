package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.BlobBasedConfig;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;

/** Which commits of other repositories belong into a tree, as its {@code .gitmodules} says. */
final class Submodules {
  private static final String FILE = ".gitmodules";
  private static final int LARGEST_FILE = 1 << 20;
  private static final int MOST = 64;

  private final GitAddress address;
  private final ObjectReader reader;
  private final Directories directories;
  private final Map<ObjectId, List<Link>> known = new HashMap<>();

  /** @param path below the tree that was searched */
  record Link(String path, ObjectId commit) {}

  /** @param path below the tree that is taken; @param source an address with the commit as its ref */
  record Module(String path, GitAddress source) {}

  Submodules(GitAddress address, ObjectReader reader, Directories directories) {
    this.address = address;
    this.reader = reader;
    this.directories = directories;
  }

  /**
   * @param whole of the commit, where the file is; @param taken the part of it that is taken
   * @throws TallymanException INVALID for one whose repository is not named, UNSUPPORTED for one that is not at an http address, EXHAUSTED for too many
   */
  List<Module> find(ObjectId whole, ObjectId taken) throws IOException {
    List<Link> links = links(taken, 0);
    if (links.isEmpty()) {
      return List.of();
    }
    Map<String, String> urls = urls(whole);
    String prefix = address.directory().isEmpty() ? "" : address.directory() + "/";
    List<Module> modules = new ArrayList<>();
    for (Link each : links) {
      String url = urls.get(prefix + each.path());
      if (url == null) {
        throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": the file .gitmodules does not say where the submodule " + each.path() + " is");
      }
      modules.add(new Module(each.path(), source(each, url)));
    }
    return modules;
  }

  /** Each distinct directory is looked at once, however often it is in the tree. */
  private List<Link> links(ObjectId tree, int depth) throws IOException {
    List<Link> before = known.get(tree);
    if (before != null) {
      return before;
    }
    if (depth > GitTree.DEEPEST) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": its directories are deeper than " + GitTree.DEEPEST);
    }
    List<Link> links = new ArrayList<>();
    directories.each(reader, tree, entry -> {
      if (entry.mode().equals(FileMode.GITLINK)) {
        links.add(new Link(joined("", entry.text()), entry.id()));
      } else if (entry.mode().equals(FileMode.TREE)) {
        links(entry.id(), depth + 1).forEach(each -> links.add(new Link(joined(entry.text() + "/", each.path()), each.commit())));
      }
      if (links.size() > MOST) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "failed to fetch " + address + ": it has more than " + MOST + " submodules");
      }
    });
    known.put(tree, links);
    return links;
  }

  private String joined(String prefix, String path) {
    if (prefix.length() + path.length() > GitTree.LONGEST_PATH) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": it has a path of more than " + GitTree.LONGEST_PATH + " characters");
    }
    return prefix + path;
  }

  private Map<String, String> urls(ObjectId whole) throws IOException {
    Map<String, String> urls = new HashMap<>();
    Directories.Entry file = directories.find(reader, whole, FILE);
    if (file == null || !(file.mode().equals(FileMode.REGULAR_FILE) || file.mode().equals(FileMode.EXECUTABLE_FILE))) {
      return urls;
    }
    ObjectLoader text = reader.open(file.id(), Constants.OBJ_BLOB);
    if (text.getSize() > LARGEST_FILE) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "failed to fetch " + address + ": its file .gitmodules has more than " + LARGEST_FILE + " bytes");
    }
    try {
      Config config = new BlobBasedConfig(null, text.getCachedBytes(LARGEST_FILE));
      for (String name : config.getSubsections("submodule")) {
        String path = config.getString("submodule", name, "path");
        String url = config.getString("submodule", name, "url");
        if (path != null && url != null) {
          urls.put(path, url);
        }
      }
      return urls;
    } catch (ConfigInvalidException e) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": its file .gitmodules is damaged", e);
    }
  }

  /** An address that is relative is one beside the repository; the credentials go along if the host is the same. */
  private GitAddress source(Link link, String url) {
    boolean isRelative = url.startsWith("./") || url.startsWith("../");
    if (!isRelative && !RemoteUrl.is(url)) {
      throw new TallymanException(
          ErrorKind.UNSUPPORTED, "failed to fetch " + address + ": the submodule " + link.path() + " is not at an http or https address");
    }
    RemoteUrl at = isRelative ? beside(url) : RemoteUrl.parse(url);
    if (at.address().getRawQuery() != null) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": the address of the submodule " + link.path() + " has a query");
    }
    @Nullable String authorization = at.authorization() == null && address.url().isAt(at.address()) ? address.url().authorization() : at.authorization();
    return new GitAddress(new RemoteUrl(at.address(), authorization), link.commit().name(), "");
  }

  private RemoteUrl beside(String url) {
    URI base = address.url().address();
    String path = base.getRawPath().replaceAll("/+$", "") + "/";
    try {
      URI resolved = URI.create(base.getScheme() + "://" + base.getRawAuthority() + path).resolve(url);
      return RemoteUrl.parse(resolved.toString().replaceFirst("(://[^/]*)(?:/\\.\\.)+/", "$1/"));
    } catch (IllegalArgumentException e) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": a submodule has the address '" + Repository.shortenRefName(url).replaceAll("\\p{Cntrl}", "?") + "'", e);
    }
  }
}
