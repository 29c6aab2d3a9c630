package dev.tallyman.dashboard.system;

import dev.tallyman.build.Builds;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.kernel.KernelProbe;
import dev.tallyman.system.DiskUsage;
import dev.tallyman.system.DiskUsage.FileSystem;
import dev.tallyman.system.DiskUsage.ImageUse;
import dev.tallyman.system.DiskUsage.Kind;
import dev.tallyman.system.DiskUsage.Stored;
import dev.tallyman.system.Machine;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The machine, and what is stored on it. */
@Page
@Blocking
@Path("/ui/system")
public class SystemPages {
  private final Machine machine;
  private final KernelProbe kernel;
  private final DiskUsage usage;
  private final Images images;
  private final Builds builds;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  SystemPages(Machine machine, KernelProbe kernel, DiskUsage usage, Images images, Builds builds, CurrentCaller caller, Answers answers) {
    this.machine = machine;
    this.kernel = kernel;
    this.usage = usage;
    this.images = images;
    this.builds = builds;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance page() {
    Caller who = caller.get();
    FileSystem store = who.role().includes(Role.ADMINISTRATOR) ? usage.fileSystem(who) : null;
    return answers.page(Templates.page(machine, "Java " + Runtime.version(), kernel.obstacle().orElse(""), facts(), store));
  }

  private Map<String, String> facts() {
    try {
      return new TreeMap<>(kernel.facts());
    } catch (TallymanException e) {
      // Without the helper nothing is known of the host; the obstacle says why.
      return Map.of();
    }
  }

  /** Asked for by the page after it is shown: files have to be counted, which takes time where there are many. */
  @GET
  @Path("disk")
  public TemplateInstance disk() {
    Caller who = caller.get();
    Instant now = Instant.now();
    Stored stored = usage.stored(who, EnumSet.allOf(Kind.class));
    return answers.page(Templates.disk(DiskView.of(who, stored, going(who, stored, true), going(who, stored, false)), new CacheView(builds.cache(who), now)));
  }

  private Going going(Caller who, Stored stored, boolean onlyDangling) {
    Set<String> ids = Set.copyOf(images.prunable(who, onlyDangling));
    List<Going.Item> first = stored.images().stream().filter(each -> ids.contains(each.image().id())).limit(Going.MOST).map(SystemPages::item).toList();
    return new Going(first, images.reclaimable(who, first.stream().map(Going.Item::key).collect(Collectors.toSet())));
  }

  private static Going.Item item(ImageUse use) {
    String id = use.image().id();
    return new Going.Item(id, use.image().tags().isEmpty() ? id.substring("sha256:".length()).substring(0, 12) : use.image().tags().get(0));
  }

  @CheckedTemplate(basePath = "system")
  static class Templates {
    static native TemplateInstance page(Machine machine, String java, String obstacle, Map<String, String> facts, @Nullable FileSystem store);

    static native TemplateInstance disk(DiskView disk, CacheView cache);
  }
}
