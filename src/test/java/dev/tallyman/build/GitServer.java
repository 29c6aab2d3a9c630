package dev.tallyman.build;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.TagBuilder;
import org.eclipse.jgit.lib.TreeFormatter;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;

/** A repository of git, served over smart http by a server of files. */
public final class GitServer {
  static final Instant TIME = Instant.parse("2020-02-02T02:02:02Z");
  private static final PersonIdent WHO = new PersonIdent("Rita", "rita@example.org", TIME, ZoneOffset.UTC);

  private final InMemoryRepository repository = new InMemoryRepository(new DfsRepositoryDescription("served-" + System.nanoTime()));
  private final SourceServer server;
  private final String path;
  /** False: only what a ref names is given. */
  boolean givesAnyCommit = true;

  /** @param path of the repository, with a slash in front */
  public GitServer(SourceServer server, String path) throws IOException {
    this.server = server;
    this.path = path;
    repository.create();
    server.answer(path + "/info/refs", this::advertise);
    server.answer(path + "/git-upload-pack", this::upload);
  }

  public String url() {
    return server.url(path);
  }

  /** @param content file name to text; a name that ends with a slash is a tree by id, with @ a link, with ! executable, with # a submodule */
  public ObjectId tree(Map<String, String> content) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      TreeFormatter tree = new TreeFormatter();
      for (Map.Entry<String, String> each : new TreeMap<>(content).entrySet()) {
        String name = each.getKey().replaceAll("[/@!#]$", "");
        byte[] raw = name.getBytes(StandardCharsets.UTF_8);
        char kind = each.getKey().charAt(each.getKey().length() - 1);
        if (kind == '/' || kind == '#') {
          tree.append(raw, 0, raw.length, kind == '/' ? FileMode.TREE : FileMode.GITLINK, ObjectId.fromString(each.getValue()), true);
        } else {
          FileMode mode = kind == '@' ? FileMode.SYMLINK : kind == '!' ? FileMode.EXECUTABLE_FILE : FileMode.REGULAR_FILE;
          tree.append(raw, 0, raw.length, mode, inserter.insert(Constants.OBJ_BLOB, each.getValue().getBytes(StandardCharsets.UTF_8)), true);
        }
      }
      ObjectId id = inserter.insert(tree);
      inserter.flush();
      return id;
    }
  }

  public ObjectId commit(String branch, ObjectId tree, ObjectId... parents) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(tree);
      commit.setParentIds(parents);
      commit.setAuthor(WHO);
      commit.setCommitter(WHO);
      commit.setMessage("a change");
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      point("refs/heads/" + branch, id);
      return id;
    }
  }

  ObjectId tag(String name, ObjectId commit) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      TagBuilder tag = new TagBuilder();
      tag.setObjectId(commit, Constants.OBJ_COMMIT);
      tag.setTag(name);
      tag.setTagger(WHO);
      tag.setMessage("a tag");
      ObjectId id = inserter.insert(tag);
      inserter.flush();
      point("refs/tags/" + name, id);
      return id;
    }
  }

  private void point(String ref, ObjectId id) throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setNewObjectId(id);
    update.forceUpdate();
  }

  private UploadPack pack(HttpExchange exchange) {
    UploadPack pack = new UploadPack(repository);
    pack.setBiDirectionalPipe(false);
    pack.setRequestPolicy(givesAnyCommit ? UploadPack.RequestPolicy.ANY : UploadPack.RequestPolicy.ADVERTISED);
    String protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
    pack.setExtraParameters(protocol == null || !givesAnyCommit ? List.of() : List.of(protocol.split(":")));
    return pack;
  }

  private void advertise(HttpExchange exchange) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    PacketLineOut out = new PacketLineOut(body);
    out.writeString("# service=git-upload-pack\n");
    out.end();
    pack(exchange).sendAdvertisedRefs(new RefAdvertiser.PacketLineOutRefAdvertiser(out));
    answer(exchange, "application/x-git-upload-pack-advertisement", body.toByteArray());
  }

  private void upload(HttpExchange exchange) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      pack(exchange).upload(sent(exchange), body, null);
    } catch (IOException e) {
      body.write(0); // what was wrong is in it, or nothing is
    }
    answer(exchange, "application/x-git-upload-pack-result", body.toByteArray());
  }

  static InputStream sent(HttpExchange exchange) throws IOException {
    InputStream sent = exchange.getRequestBody();
    return "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding")) ? new GZIPInputStream(sent) : sent;
  }

  static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }
}
