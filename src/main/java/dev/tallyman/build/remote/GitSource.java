package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectIdRef;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Fetches commits from repositories of git over http, by git's protocol alone: no program is run, nothing is checked out. */
@Singleton
public class GitSource {
  /** Each may hold some of the memory. */
  private static final int AT_ONCE = 2;
  private static final int HELD_SHARE = 16;
  private static final int CHAIN_SHARE = 8;
  /** Submodules in submodules. */
  private static final int DEEPEST = 4;

  private final SourceClient client;
  private final SourceSettings settings;
  private final Spool spool;
  private final Turns turns = new Turns(AT_ONCE);

  @Inject
  GitSource(SourceClient client, SourceSettings settings, @ConfigProperty(name = "tallyman.state", defaultValue = "/var/lib/tallyman") Path state) {
    this.client = client;
    this.settings = settings;
    this.spool = new Spool(state);
    QuietSystem.install();
  }

  /**
   * One at a time for each team, and few in all, until they are closed.
   *
   * @return the caller closes it
   * @throws TallymanException INVALID for what is not there or damaged, DENIED for what may not be asked, EXHAUSTED for what is too large, UNAVAILABLE when the
   *     server does not answer
   */
  public GitTree fetch(GitAddress address, long team, Waiting waiting) {
    enter(address, team, client.outing(waiting));
    boolean isHeld = false;
    try {
      PacketGuard.Budget budget = new PacketGuard.Budget(address.toString(), settings.gitMax().asLongValue(), settings.gitObjectsMax());
      GitTree tree = whole(address, client.outing(waiting), budget, 0);
      tree.atEnd(() -> turns.leave(team));
      isHeld = true;
      return tree;
    } finally {
      if (!isHeld) {
        turns.leave(team);
      }
    }
  }

  /** With its submodules, and theirs, which share time and room with it. */
  private GitTree whole(GitAddress address, Outing outing, PacketGuard.Budget budget, int depth) {
    GitTree tree = alone(address, outing, budget);
    boolean isWhole = false;
    try {
      List<Submodules.Module> modules = tree.submodules();
      budget.modules(modules.size());
      for (Submodules.Module each : modules) {
        if (depth == DEEPEST) {
          throw budget.exceeded("it has submodules in submodules, more than " + DEEPEST + " deep");
        }
        tree.put(each.path(), whole(each.source(), outing, budget, depth + 1));
      }
      isWhole = true;
      return tree;
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": it is damaged", e);
    } finally {
      if (!isWhole) {
        tree.close();
      }
    }
  }

  private GitTree alone(GitAddress address, Outing outing, PacketGuard.Budget budget) {
    if (!address.isCommit()) {
      return new Fetch(address, outing, budget).tip();
    }
    try {
      return new Fetch(address, outing, budget).commit();
    } catch (TallymanException e) {
      // Not every server gives a commit that no ref names: then with all that lead to it.
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      return new Fetch(address, outing, budget).history();
    }
  }

  /** @param queue the time for waiting alone: whoever waited long has as much time to fetch as any other */
  private void enter(GitAddress address, long team, Outing queue) {
    try {
      turns.enter(team, () -> queue.check(address.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TallymanException(ErrorKind.UNAVAILABLE, "failed to fetch " + address + ": the server stops", e);
    }
  }

  /** One attempt, with a repository of its own. */
  private final class Fetch {
    private final GitAddress address;
    private final Outing outing;
    private final PacketGuard.Budget budget;
    private final SpoolRepository repository;
    private final List<SourceAnswer> open = new ArrayList<>();
    private @Nullable Ref named;

    Fetch(GitAddress address, Outing outing, PacketGuard.Budget budget) {
      this.address = address;
      this.outing = outing;
      this.budget = budget;
      long memory = Runtime.getRuntime().maxMemory();
      this.repository =
          new SpoolRepository(spool, new BoundedPackParser.Limits(memory / HELD_SHARE, memory / CHAIN_SHARE, () -> outing.check(address.toString()), budget::exceeded));
    }

    GitTree tip() {
      return run(transport -> {
        transport.setDepth(1);
        List<RefSpec> wanted = address.candidates().stream().map(RefSpec::new).toList();
        try (FetchConnection connection = transport.openFetch(wanted)) {
          Ref ref = null;
          for (String name : address.candidates()) {
            ref = ref == null ? connection.getRef(name) : ref;
          }
          if (ref == null || ref.getObjectId() == null) {
            throw refused(address.ref().isEmpty() ? "the repository is empty" : "it has no branch or tag " + address.ref(), null);
          }
          connection.fetch(new Progress(outing), List.of(ref), Set.of());
          named = ref;
          return ref.getObjectId();
        }
      });
    }

    GitTree commit() {
      return run(transport -> {
        transport.setDepth(1);
        ObjectId id = ObjectId.fromString(address.ref());
        try (FetchConnection connection = transport.openFetch(List.of(new RefSpec("HEAD")))) {
          connection.fetch(new Progress(outing), List.of(new ObjectIdRef.Unpeeled(Ref.Storage.NETWORK, address.ref(), id)), Set.of());
        }
        return id;
      });
    }

    GitTree history() {
      return run(transport -> {
        try (FetchConnection connection = transport.openFetch()) {
          Collection<Ref> tips = connection.getRefs().stream().filter(each -> each.getName().startsWith("refs/heads/") || each.getName().startsWith("refs/tags/")).toList();
          if (tips.isEmpty()) {
            throw refused("the repository is empty", null);
          }
          connection.fetch(new Progress(outing), tips, Set.of());
        }
        return ObjectId.fromString(address.ref());
      });
    }

    private GitTree run(Exchange exchange) {
      boolean isWhole = false;
      try (Transport transport = Transport.open(repository, new URIish(address.url().address().toString()))) {
        if (!(transport instanceof TransportHttp http)) {
          throw refused("only http and https are spoken", null);
        }
        http.setHttpConnectionFactory(new GitRequest.Session(client, address, outing, budget, open));
        transport.setTagOpt(TagOpt.NO_TAGS);
        GitTree tree = tree(exchange.with(transport));
        isWhole = true;
        return tree;
      } catch (IOException | URISyntaxException | RuntimeException e) {
        outing.check(address.toString());
        throw reason(e);
      } finally {
        open.forEach(SourceAnswer::close);
        if (!isWhole) {
          repository.close();
        }
      }
    }

    private GitTree tree(ObjectId tip) throws IOException {
      try (ObjectReader reader = repository.newObjectReader(); RevWalk walk = new RevWalk(reader)) {
        RevCommit commit = walk.parseCommit(tip);
        ObjectId root = commit.getTree().copy();
        if (!address.directory().isEmpty()) {
          Directories.Entry found = new Directories(address.toString(), outing).find(reader, root, address.directory());
          if (found == null || !found.mode().equals(FileMode.TREE)) {
            throw refused("it has no directory " + address.directory(), null);
          }
          root = found.id();
        }
        return new GitTree(address, repository, commit, root, named, outing);
      } catch (MissingObjectException | IncorrectObjectTypeException e) {
        throw refused("there is no commit " + tip.name(), e);
      }
    }

    /** What this package said on the way, or else what git's library says. */
    private TallymanException reason(Exception e) {
      for (Throwable at = e; at != null; at = at.getCause()) {
        if (at instanceof TallymanException known) {
          return known;
        }
      }
      String message = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}+", " ");
      String why = message.length() > 300 ? message.substring(0, 300) + "…" : message;
      return e instanceof TransportException || e instanceof IOException ? refused(why, e) : new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": it is damaged", e);
    }

    private TallymanException refused(String why, @Nullable Exception cause) {
      return new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": " + why, cause);
    }
  }

  private interface Exchange {
    ObjectId with(Transport transport) throws IOException;
  }

  private record Progress(Outing outing) implements org.eclipse.jgit.lib.ProgressMonitor {
    @Override
    public void start(int tasks) {
      // Nobody watches.
    }

    @Override
    public void beginTask(String title, int work) {
      // Nobody watches.
    }

    @Override
    public void update(int completed) {
      // Nobody watches.
    }

    @Override
    public void endTask() {
      // Nobody watches.
    }

    @Override
    public boolean isCancelled() {
      outing.waiting().check();
      return outing.nanosLeft() <= 0;
    }

    @Override
    public void showDuration(boolean isShown) {
      // Nobody watches.
    }
  }
}
