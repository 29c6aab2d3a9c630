package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.Waiting;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.TarReader;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** T28: repositories that want out, or want too much. The honest control is in the same class, by both versions of git's protocol. */
@QuarkusTest
@Timeout(60)
class RemoteRepositoriesTest {
  private static final long TEAM = 1;
  private static final byte[] FLUSH = "0000".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PACKFILE = "000dpackfile\n".getBytes(StandardCharsets.US_ASCII);

  @Inject RemoteRepositories repositories;

  private SourceServer server;
  private GitServer git;

  @BeforeEach
  void start() throws IOException {
    server = new SourceServer();
    git = new GitServer(server, "/team/box.git");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RemoteRepositories.Taken take(String address) {
    return repositories.take(GitAddress.parse(address), false, TEAM, new Cancellation());
  }

  private String commitOf(String fragment) {
    RemoteRepositories.Taken taken = take(git.url() + fragment);
    taken.context().close();
    return taken.commit();
  }

  private TallymanException refused(ErrorKind kind, String address) {
    TallymanException refusal = assertThrows(TallymanException.class, () -> take(address), address);
    assertEquals(kind, refusal.kind(), refusal.getMessage());
    return refusal;
  }

  private static String text(Context context, String path) throws IOException {
    return new String(context.open(context.tree().find(path)).readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void filesAreWhatTheCommitHas() throws IOException {
    ObjectId below = git.tree(Map.of("deep.txt", "deep", "up@", "../../../etc/passwd"));
    ObjectId commit = git.commit("master", git.tree(Map.of("Dockerfile", "FROM scratch\n", "run.sh!", "#!/bin/sh\n", "dir/", below.name(), "link@", "dir/deep.txt", ".gitattributes", "* text eol=crlf\n")));

    RemoteRepositories.Taken taken = take(git.url());
    try (Context context = taken.context()) {
      assertEquals(commit.name(), taken.commit());
      assertEquals("FROM scratch\n", text(context, "Dockerfile"));
      assertEquals("deep", text(context, "link"));
      assertEquals(0644, context.tree().find("Dockerfile").mode);
      assertEquals(0755, context.tree().find("run.sh").mode);
      assertEquals(GitServer.TIME.getEpochSecond(), context.tree().find("Dockerfile").mtimeSeconds);
      assertNull(context.tree().find("dir/up"), "a link leads nowhere but into the tree");
      Node up = context.tree().find("dir").children().stream().filter(each -> each.name.equals("up")).findFirst().orElseThrow();
      assertEquals(TarReader.Kind.LINK, up.kind);
    }
    assertTrue(server.asked.stream().allMatch(each -> each.contains("/team/box.git/")), server.asked.toString());
  }

  @Test
  void aLinkWithANulIsRefused() throws IOException {
    git.commit("master", git.tree(Map.of("link@", "dir\0hidden")));

    assertTrue(refused(ErrorKind.INVALID, git.url()).getMessage().contains("the link 'link' leads nowhere"));
  }

  @Test
  void refsAreBranchesTagsAndCommits() throws IOException {
    ObjectId first = git.commit("master", git.tree(Map.of("v", "1")));
    ObjectId second = git.commit("master", git.tree(Map.of("v", "2")), first);
    ObjectId third = git.commit("feature/x", git.tree(Map.of("v", "3")), second);
    git.tag("v1.0", first);

    for (boolean any : new boolean[] {true, false}) {
      git.givesAnyCommit = any;
      assertEquals(second.name(), commitOf(""));
      assertEquals(third.name(), commitOf("#feature/x"));
      assertEquals(third.name(), commitOf("#refs/heads/feature/x"));
      assertEquals(first.name(), commitOf("#v1.0"));
      assertEquals(first.name(), commitOf("#" + first.name()), "a commit that no ref names");
      refused(ErrorKind.INVALID, git.url() + "#nothing");
      refused(ErrorKind.INVALID, git.url() + "#" + "12".repeat(20));
    }
  }

  @Test
  void aDirectoryIsAllThatIsTaken() throws IOException {
    ObjectId below = git.tree(Map.of("Dockerfile", "FROM scratch\n", "up@", "../secret"));
    git.commit("master", git.tree(Map.of("a/", git.tree(Map.of("b/", below.name())).name(), "secret", "s", "away@", "/")));

    try (Context context = take(git.url() + "#master:a/b").context()) {
      assertEquals(2, context.tree().root().children().size());
      assertNull(context.tree().find("up"));
      assertNull(context.tree().find("../secret"));
    }
    for (String none : List.of("#:secret", "#:nothing", "#:away", "#:away/a", "#:a/b/Dockerfile")) {
      assertTrue(refused(ErrorKind.INVALID, git.url() + none).getMessage().contains("it has no directory"), none);
    }
    server.asked.clear();
    for (String out : List.of("#:..", "#:a/../..", "#master:a/./b", "#:a//b", "#:a\\b", "#:../box.git")) {
      refused(ErrorKind.INVALID, git.url() + out);
    }
    assertEquals(List.of(), server.asked);
  }

  @Test
  void refsThatAreOptionsOrWorseReachNoServer() {
    for (String ref : List.of("--upload-pack=touch /tmp/x", "-u", "--", "a..b", "a b", "a~1", "a^", "a@{1}", "refs/../x", ".x", "x.lock", "a\nb", "x".repeat(300), "@{-1}", "a//b", "*")) {
      refused(ErrorKind.INVALID, git.url() + "#" + ref);
    }
    assertEquals(List.of(), server.asked);
  }

  @Test
  void onlyHttpIsSpoken() {
    for (String other : List.of("git@github.com:a/b.git", "ssh://git@host/x.git", "git://host/x.git", "file:///etc", "ext::sh -c id", "ftp://host/x.git")) {
      assertTrue(GitAddress.isOtherTransport(other), other);
    }
    for (String local : List.of("a/b.git", "x", "https://host/x.git", "http://host/x", "C:\\x", "./git@x")) {
      assertFalse(GitAddress.isOtherTransport(local), local);
    }
    assertTrue(GitAddress.is("https://host/x.git#v1:dir"));
    assertFalse(GitAddress.is("https://host/x.git.tar"));
    refused(ErrorKind.INVALID, git.url() + "?ref=x");
  }

  @Test
  void redirectsOfTheGitClientAreGuardedToo() throws IOException {
    ObjectId commit = git.commit("master", git.tree(Map.of("v", "1")));
    server.redirect("/moved.git/info/refs", git.url() + "/info/refs?service=git-upload-pack");
    RemoteRepositories.Taken taken = take("http://rita:secret@127.0.0.1:" + server.port() + "/moved.git");
    taken.context().close();
    assertEquals(commit.name(), taken.commit());
    assertTrue(server.asked.stream().allMatch(each -> each.endsWith("Basic cml0YTpzZWNyZXQ=")), server.asked.toString());

    for (String host : List.of("169.254.169.254", "localhost:" + server.port(), "[::1]:" + server.port(), "10.0.0.1", "127.0.0.2:" + server.port())) {
      server.redirect("/away.git/info/refs", "http://" + host + "/team/box.git/info/refs?service=git-upload-pack");
      server.asked.clear();
      refused(ErrorKind.DENIED, server.url("/away.git"));
      assertEquals(1, server.asked.size(), host);
    }
    try (SourceServer other = new SourceServer()) {
      new GitServer(other, "/team/box.git").commit("master", git.tree(Map.of("v", "1")));
      server.redirect("/other.git/info/refs", other.url("/team/box.git/info/refs?service=git-upload-pack"));
      assertThrows(TallymanException.class, () -> take("http://rita:secret@127.0.0.1:" + server.port() + "/other.git"));
      assertTrue(other.asked.stream().allMatch(each -> each.endsWith("null")), other.asked.toString());
    }
  }

  @Test
  void whatIsNoRepositoryIsRefused() {
    server.serve("/html.git/info/refs", "<html>");
    server.serve("/dumb.git/info/refs", "0".repeat(40) + "\trefs/heads/master\n", "Content-Type", "text/plain");
    server.answer("/closed.git/info/refs", exchange -> exchange.sendResponseHeaders(401, -1));

    refused(ErrorKind.INVALID, server.url("/none.git"));
    refused(ErrorKind.INVALID, server.url("/html.git"));
    refused(ErrorKind.INVALID, server.url("/dumb.git"));
    assertFalse(refused(ErrorKind.DENIED, "http://u:secret@127.0.0.1:" + server.port() + "/closed.git").getMessage().contains("secret"));
    assertTrue(refused(ErrorKind.INVALID, git.url()).getMessage().contains("is empty"));
  }

  private static String modules(String... pathsAndUrls) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pathsAndUrls.length; i += 2) {
      text.append("[submodule \"m" + i + "\"]\n\tpath = " + pathsAndUrls[i] + "\n\turl = " + pathsAndUrls[i + 1] + "\n");
    }
    return text.toString();
  }

  @Test
  void submodulesComeAlong() throws IOException {
    GitServer inner = new GitServer(server, "/team/inner.git");
    ObjectId third = inner.commit("master", inner.tree(Map.of("third.txt", "3")));
    GitServer lib = new GitServer(server, "/libs/lib.git");
    ObjectId old = lib.commit("master", lib.tree(Map.of("lib.txt", "old", "in#", third.name(), ".gitmodules", modules("in", inner.url()))));
    lib.commit("master", lib.tree(Map.of("lib.txt", "new")), old);
    String below = git.tree(Map.of("lib#", old.name())).name();
    git.commit("master", git.tree(Map.of("dir/", below, ".gitmodules", modules("dir/lib", "../../libs/lib.git", "unused", "file:///etc"))));

    for (String fragment : List.of("", "#:dir")) {
      String prefix = fragment.isEmpty() ? "dir/" : "";
      try (Context context = take("http://rita:s3cret@127.0.0.1:" + server.port() + "/team/box.git" + fragment).context()) {
        assertEquals("old", text(context, prefix + "lib/lib.txt"));
        assertEquals("3", text(context, prefix + "lib/in/third.txt"));
      }
    }
    assertTrue(server.asked.stream().allMatch(each -> each.endsWith("Basic cml0YTpzM2NyZXQ=")), server.asked.toString());
  }

  @Test
  void submodulesLeadNowhereElse() throws IOException {
    String commit = "1".repeat(40);
    Map<String, ErrorKind> wrong = Map.of(
        "file:///etc", ErrorKind.UNSUPPORTED, "ssh://host/x", ErrorKind.UNSUPPORTED, "ext::sh -c id", ErrorKind.UNSUPPORTED, "-u", ErrorKind.UNSUPPORTED, "/srv/x.git", ErrorKind.UNSUPPORTED,
        "http://169.254.169.254/x.git", ErrorKind.DENIED, "http://localhost:" + server.port() + "/x.git", ErrorKind.DENIED, "../../../../../none.git", ErrorKind.INVALID);
    for (Map.Entry<String, ErrorKind> each : wrong.entrySet()) {
      git.commit("master", git.tree(Map.of("lib#", commit, ".gitmodules", modules("lib", each.getKey()))));
      refused(each.getValue(), git.url());
    }
    git.commit("master", git.tree(Map.of("lib#", commit, "x", "y")));
    assertTrue(refused(ErrorKind.INVALID, git.url()).getMessage().contains("does not say where the submodule lib is"));
    git.commit("master", git.tree(Map.of("lib#", commit, ".gitmodules", "[submodule")));
    refused(ErrorKind.INVALID, git.url());
    git.commit("master", git.tree(Map.of("lib#", commit, ".gitmodules", "[include]\n\tpath = /etc/gitconfig\n" + modules("other", git.url()))));
    assertTrue(refused(ErrorKind.INVALID, git.url()).getMessage().contains("does not say where"));
  }

  @Test
  void submodulesWithoutEndAreCut() throws IOException {
    Map<String, String> many = new TreeMap<>();
    for (int i = 0; i < 65; i++) {
      many.put("m" + i + "#", "1".repeat(40));
    }
    git.commit("master", git.tree(many));
    refused(ErrorKind.EXHAUSTED, git.url());

    ObjectId tip = git.commit("deep", git.tree(Map.of("f", "x")));
    for (int i = 0; i < 6; i++) {
      tip = git.commit("deep", git.tree(Map.of("m#", tip.name(), ".gitmodules", modules("m", git.url()))));
    }
    refused(ErrorKind.EXHAUSTED, git.url() + "#deep");
  }

  @Test
  void treesThatGrowWithoutMeasureAreCut() throws IOException {
    String tree = git.tree(Map.of("f", "x")).name();
    for (int i = 0; i < 12; i++) {
      Map<String, String> ten = new TreeMap<>();
      for (int j = 0; j < 10; j++) {
        ten.put(j + "/", tree);
      }
      tree = git.tree(ten).name();
    }
    git.commit("master", ObjectId.fromString(tree));
    assertEquals(ErrorKind.EXHAUSTED, refused(ErrorKind.EXHAUSTED, git.url()).kind());

    String deep = git.tree(Map.of("f", "x")).name();
    for (int i = 0; i < 300; i++) {
      deep = git.tree(Map.of("d/", deep)).name();
    }
    git.commit("deep", ObjectId.fromString(deep));
    refused(ErrorKind.INVALID, git.url() + "#deep");
  }

  @Test
  void smallPacksOfLargeFilesAreCut() throws IOException {
    Map<String, String> many = new TreeMap<>();
    String zeros = "0".repeat(8 << 20);
    for (int i = 0; i < 64; i++) {
      many.put("f" + i, zeros);
    }
    git.commit("master", git.tree(many));

    assertTrue(refused(ErrorKind.EXHAUSTED, git.url()).getMessage().contains("times when unpacked"));
  }

  @Test
  void namesThatLeadElsewhereAreRefused() throws IOException {
    for (String name : List.of("..", ".", ".git", ".GIT", "a/b")) {
      git.commit("master", git.tree(Map.of(name + "!", "x")));
      assertTrue(refused(ErrorKind.INVALID, git.url()).getMessage().contains("something named"), name);
    }
  }

  /** A server of git's second protocol that says what it wants. @param body what comes for the pack */
  private String liar(byte[] body) throws IOException {
    byte[] abilities = joined(packet("# service=git-upload-pack\n"), FLUSH, packet("version 2\n"), packet("ls-refs\n"), packet("fetch=shallow\n"), FLUSH);
    server.answer("/liar.git/info/refs", exchange -> GitServer.answer(exchange, "application/x-git-upload-pack-advertisement", abilities));
    server.answer("/liar.git/git-upload-pack", exchange -> {
      boolean isList = new String(GitServer.sent(exchange).readAllBytes(), StandardCharsets.ISO_8859_1).contains("command=ls-refs");
      GitServer.answer(exchange, "application/x-git-upload-pack-result", isList ? joined(packet("1".repeat(40) + " HEAD\n"), FLUSH) : body);
    });
    return server.url("/liar.git");
  }

  private static byte[] packet(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(String.format("%04x", content.length + 4).getBytes(StandardCharsets.US_ASCII));
    out.write(content);
    return out.toByteArray();
  }

  private static byte[] packet(String content) throws IOException {
    return packet(content.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] joined(byte[]... parts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] each : parts) {
      out.write(each);
    }
    return out.toByteArray();
  }

  @Test
  void aPackThatClaimsMoreObjectsThanThereIsRoomForIsNotBegun() throws IOException {
    byte[] claim = packet("\u0001PACK\0\0\0\2\u007f\u00ff\u00ff\u00ff");

    TallymanException refusal = refused(ErrorKind.EXHAUSTED, liar(joined(PACKFILE, claim)));
    assertTrue(refusal.getMessage().contains("2147483647 objects"), refusal.getMessage());
  }

  @Test
  void objectsThatWouldFillTheMemoryAreNotTaken() throws IOException {
    // As its head says, a commit, and a difference, of some hundred million bytes.
    byte[] commit = packet("\u0001PACK\0\0\0\2\0\0\0\1\u009f\u00ff\u00ff\u00ff\u0017");
    byte[] difference = packet("\u0001PACK\0\0\0\2\0\0\0\1\u00ff\u00ff\u00ff\u00ff\u0017" + "x".repeat(20));

    for (byte[] each : List.of(commit, difference)) {
      assertTrue(refused(ErrorKind.EXHAUSTED, liar(joined(PACKFILE, each, FLUSH))).getMessage().contains("held in memory"));
    }
  }

  @Test
  void endlessTalkIsCut() throws IOException {
    server.answer("/talk.git/info/refs", exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-advertisement");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      out.write(joined(packet("# service=git-upload-pack\n"), FLUSH, packet("1".repeat(40) + " HEAD\0side-band-64k shallow\n")));
      for (int i = 0; ; i++) {
        out.write(packet("2".repeat(40) + " refs/heads/" + i + "x".repeat(900) + "\n"));
      }
    });
    assertTrue(refused(ErrorKind.EXHAUSTED, server.url("/talk.git")).getMessage().contains("besides the files"));

    byte[] chatter = new byte[60_000];
    chatter[0] = 2;
    byte[][] much = new byte[400][];
    Arrays.fill(much, packet(chatter));
    assertTrue(refused(ErrorKind.EXHAUSTED, liar(joined(PACKFILE, joined(much)))).getMessage().contains("besides the files"));
  }

  /** They are remembered as what the server can, without end. */
  @Test
  void linesOfAListAreNeverTakenForAPack() {
    List<IntFunction<String>> lines = List.of(i -> "\u0001" + i + "x".repeat(900) + "\n", i -> Integer.toString(i, 36) + "\n");
    for (IntFunction<String> line : lines) {
      server.answer("/able.git/info/refs", exchange -> {
        exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-advertisement");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16);
        out.write(joined(packet("# service=git-upload-pack\n"), FLUSH, packet("version 2\n"), packet("\u0001PACK\0\0\0\2\0\0\0\1")));
        for (int i = 0; ; i++) {
          out.write(packet(line.apply(i)));
        }
      });
      assertTrue(refused(ErrorKind.EXHAUSTED, server.url("/able.git")).getMessage().contains("besides the files"));
    }
  }

  @Test
  void objectsOfSubmodulesCountForTheWhole() throws IOException {
    // 299,999: as many as one repository may have, but not with the three of the other.
    String liar = liar(joined(PACKFILE, packet("\u0001PACK\0\0\0\2\0\4\u0093\u00df")));
    git.commit("master", git.tree(Map.of("lib#", "1".repeat(40), ".gitmodules", modules("lib", liar))));

    TallymanException refusal = refused(ErrorKind.EXHAUSTED, git.url());
    assertTrue(refusal.getMessage().contains("300002 objects"), refusal.getMessage());
  }

  @Test
  void submodulesOfSubmodulesCountForTheWhole() throws IOException {
    ObjectId tip = git.commit("wide", git.tree(Map.of("f", "x")));
    for (int level = 0; level < 2; level++) {
      Map<String, String> forty = new TreeMap<>();
      StringBuilder where = new StringBuilder();
      for (int i = 0; i < 40; i++) {
        forty.put("m" + i + "#", tip.name());
        where.append("[submodule \"m" + i + "\"]\n\tpath = m" + i + "\n\turl = " + git.url() + "\n");
      }
      forty.put(".gitmodules", where.toString());
      tip = git.commit("wide", git.tree(forty));
    }
    assertTrue(refused(ErrorKind.EXHAUSTED, git.url() + "#wide").getMessage().contains("64 submodules, with theirs"));
    assertTrue(server.asked.size() < 20, server.asked.toString());
  }

  @Test
  void largeDirectoriesAreTakenButNotOneWithinAnother() throws IOException {
    Map<String, String> wide = new TreeMap<>(Map.of("a/", git.tree(Map.of("deep.txt", "deep")).name()));
    for (int i = 0; i < 9000; i++) {
      wide.put("n".repeat(90) + i, "x");
    }
    git.commit("master", git.tree(wide));
    try (Context context = take(git.url()).context(); Context part = take(git.url() + "#:a").context()) {
      assertEquals(9001, context.tree().root().children().size());
      assertEquals("deep", text(part, "deep.txt"));
    }

    String empty = git.tree(Map.of()).name();
    String below = empty;
    for (int level = 0; level < 20; level++) {
      Map<String, String> large = new TreeMap<>(Map.of("a/", below));
      for (int i = 0; i < 500; i++) {
        large.put("n".repeat(2000) + i + "/", empty);
      }
      below = git.tree(large).name();
    }
    git.commit("nested", ObjectId.fromString(below));
    for (String fragment : List.of("#nested", "#nested:a")) {
      assertTrue(refused(ErrorKind.EXHAUSTED, git.url() + fragment).getMessage().contains("directories within one another"), fragment);
    }
  }

  @Test
  void pathsAreNotEndless() throws IOException {
    for (Map<String, String> deepest : List.of(Map.of("f", "x"), Map.of("lib#", "1".repeat(40)))) {
      String below = git.tree(deepest).name();
      for (int level = 0; level < 30; level++) {
        below = git.tree(Map.of("n".repeat(150) + "/", below)).name();
      }
      git.commit("master", ObjectId.fromString(below));
      String message = refused(ErrorKind.INVALID, git.url()).getMessage();
      assertTrue(message.contains("a path of more than 4096"), message);
    }
  }

  @Test
  void aListOfSubmodulesIsNoLargeFile() throws IOException {
    git.commit("master", git.tree(Map.of("lib#", "1".repeat(40), ".gitmodules", "#".repeat(2 << 20))));
    assertTrue(refused(ErrorKind.EXHAUSTED, git.url()).getMessage().contains("its file .gitmodules has more than"));
  }

  /** Does something at each look of whoever writes the files out, which is not the thread that waits for them. */
  private static Waiting whileWriting(Runnable action) {
    Thread own = Thread.currentThread();
    return new Waiting() {
      @Override
      public void check() {
        if (Thread.currentThread() != own) {
          action.run();
        }
      }

      @Override
      public Ticket on(Runnable end) {
        return () -> {};
      }
    };
  }

  private static Runnable patient(int looks) {
    AtomicInteger left = new AtomicInteger(looks);
    return () -> {
      if (left.decrementAndGet() < 0) {
        throw new TallymanException(ErrorKind.CONFLICT, "the build was cancelled");
      }
    };
  }

  @Test
  void writingOutCanBeCancelled() throws IOException {
    Map<String, String> many = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      many.put("f" + i, "x");
    }
    for (Map<String, String> each : List.of(Map.of("large", "0".repeat(4 << 20)), many)) {
      git.commit("master", git.tree(each));
      TallymanException end = assertThrows(TallymanException.class, () -> repositories.take(GitAddress.parse(git.url()), false, TEAM, whileWriting(patient(10))));
      assertEquals(ErrorKind.CONFLICT, end.kind(), end.getMessage());
    }
  }

  @Test
  void aTeamWaitsForItsOwnUntilTheFilesAreOnDisk() throws IOException {
    git.commit("master", git.tree(Map.of("f", "x")));
    GitAddress address = GitAddress.parse(git.url());
    AtomicInteger looks = new AtomicInteger();
    Runnable others = () -> {
      if (looks.getAndIncrement() > 0) {
        return;
      }
      repositories.take(address, false, TEAM + 1, new Cancellation()).context().close();
      int before = server.asked.size();
      Runnable twice = patient(2);
      Waiting impatient = new Waiting() {
        @Override
        public void check() {
          twice.run();
        }

        @Override
        public Ticket on(Runnable end) {
          return () -> {};
        }
      };
      assertEquals(ErrorKind.CONFLICT, assertThrows(TallymanException.class, () -> repositories.take(address, false, TEAM, impatient)).kind());
      assertEquals(before, server.asked.size());
      looks.set(1000);
    };
    repositories.take(address, false, TEAM, whileWriting(others)).context().close();
    assertTrue(looks.get() >= 1000, "the others had their say");
    repositories.take(address, false, TEAM, new Cancellation()).context().close();
  }

  @Test
  void damageIsToldAsSuch() throws IOException {
    for (byte[] body : List.of(
        new byte[0], "garbage".getBytes(StandardCharsets.US_ASCII), PACKFILE, joined(PACKFILE, packet("\u0001PACK\0\0\0\2\0\0\0\1xxxxxxxx"), FLUSH),
        joined(PACKFILE, packet("\u0001NOPE\0\0\0\2\0\0\0\1xxxx")), joined(PACKFILE, packet("\u0003no\n")), "0003".getBytes(StandardCharsets.US_ASCII))) {
      refused(ErrorKind.INVALID, liar(body));
    }
  }

  @Test
  void theFolderOfGitIsMadeIfAsked() throws IOException {
    ObjectId commit = git.commit("master", git.tree(Map.of("f", "x")));
    git.tag("v1", commit);

    try (Context context = repositories.take(GitAddress.parse("http://u:s3cret@127.0.0.1:" + server.port() + "/team/box.git#v1"), true, TEAM, new Cancellation()).context()) {
      assertEquals(commit.name() + "\n", text(context, ".git/HEAD"));
      assertEquals(commit.name() + "\n", text(context, ".git/shallow"));
      assertTrue(text(context, ".git/config").contains("url = \"" + git.url() + "\""), text(context, ".git/config"));
      assertTrue(text(context, ".git/index").startsWith("DIRC") && context.tree().find(".git/refs/tags/v1") != null);
      assertEquals(2, context.tree().find(".git/objects/pack").children().size());
      assertNull(context.tree().find(".git/hooks"));
    }
    assertThrows(TallymanException.class, () -> repositories.take(GitAddress.parse(git.url() + "#:dir"), true, TEAM, new Cancellation()));
  }
}
