package dev.tallyman.container;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Takes a link on the default network away again: {@code docker rm --link OWNER/ALIAS}. On other networks a link is a name of a place there. */
@Singleton
class Unlinking {
  private static final Logger LOG = Logger.getLogger(Unlinking.class);
  private static final String HOSTS = "/etc/hosts";

  private final ContainerStore store;
  private final Ledger ledger;
  private final Inventory inventory;
  private final EtcFiles files;

  @Inject
  Unlinking(ContainerStore store, Ledger ledger, Inventory inventory, EtcFiles files) {
    this.store = store;
    this.ledger = ledger;
    this.inventory = inventory;
    this.files = files;
  }

  void unlink(Caller caller, Cell owner, String alias) {
    owner.locked(() -> {
      Facts before = owner.facts();
      List<String> links = before.spec().networking().links();
      List<String> left = links.stream().filter(each -> !Membership.Link.parse(each).alias().equals(alias)).toList();
      if (left.size() == links.size() || !before.spec().networkMode().equals(Placing.BRIDGE)) {
        throw Refusal.absent(before.name() + "/" + alias);
      }
      Facts after = before.withSpec(SpecChanges.withLinks(before.spec(), left));
      ledger.commit(caller, after, "unlink", "link " + alias, () -> store.describe(after));
      owner.set(after);
      if (after.state().isAlive()) {
        forget(after, alias);
      }
    });
  }

  /** In the running container and in those that share its network, whose files are copies. */
  private void forget(Facts facts, String alias) {
    String mode = Modes.CONTAINER + facts.id();
    rewrite(facts, alias);
    inventory.all().stream().map(Cell::facts).filter(each -> each.spec().networkMode().equals(mode) && each.state().isAlive()).forEach(each -> rewrite(each, alias));
  }

  private void rewrite(Facts facts, String alias) {
    if (!files.isOurs(facts, HOSTS)) {
      return;
    }
    try {
      String path = files.place(facts, HOSTS);
      String text = files.shared(facts, HOSTS, "");
      if (text.isEmpty()) {
        throw Refusal.invalid("it cannot be read");
      }
      String left = text.lines().filter(line -> !isLink(line, alias)).collect(Collectors.joining("\n", "", "\n"));
      if (!left.equals(text)) {
        files.write(facts, path, left.getBytes(StandardCharsets.UTF_8));
      }
    } catch (TallymanException e) {
      LOG.warnf("%s of container %s keeps the name %s until the next start: %s", HOSTS, facts.id(), alias, e.getMessage());
    }
  }

  /** An address, the alias, the host name of a container and its name, as the server writes them; the host's own loopback has as many names. */
  private static boolean isLink(String line, String alias) {
    String[] words = line.split("[\\t ]+");
    return words.length == 4 && words[1].equals(alias) && !words[0].equals("::1");
  }
}
