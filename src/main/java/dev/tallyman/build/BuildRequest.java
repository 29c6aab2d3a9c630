package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.distribution.Login;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What a build is asked for.
 *
 * @param id by which its client knows it, and can cancel it; empty = none
 * @param dockerfile its path in the context
 * @param names for the image, name[:tag]
 * @param arguments build arguments
 * @param labels that the image gets in the end
 * @param target name or number of a stage; empty = the last
 * @param usesCache false: every step is made anew
 * @param pulls base images are asked for again even if they are here
 * @param keepsContainers false: containers of RUN go after each step; @param removesAlways whatever the other says
 * @param network of RUN; empty = the default
 * @param login credentials by domain of a registry
 * @param secrets for commands that mount them
 * @param remote address of the context; empty = it comes with the request
 * @param contexts beside the first, by their names
 * @param caches beside the team's own
 * @param freshStages names and numbers of stages whose steps are made anew, in lower case
 */
public record BuildRequest(
    String id, String dockerfile, List<String> names, Map<String, String> arguments, Map<String, String> labels, String target, boolean usesCache, boolean pulls,
    boolean keepsContainers, boolean removesAlways, String network, List<String> extraHosts, Limits limits, long shmSizeBytes, List<Ulimit> ulimits, Function<String, Login> login,
    BuildSecrets secrets, String remote, Map<String, NamedContext> contexts, Set<String> freshStages, CacheUse caches) {
  /** One without secrets and other contexts. */
  public BuildRequest(
      String id, String dockerfile, List<String> names, Map<String, String> arguments, Map<String, String> labels, String target, boolean usesCache, boolean pulls,
      boolean keepsContainers, boolean removesAlways, String network, List<String> extraHosts, Limits limits, long shmSizeBytes, List<Ulimit> ulimits, Function<String, Login> login) {
    this(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login,
        BuildSecrets.none(), "", Map.of(), Set.of(), CacheUse.none());
  }

  public BuildRequest with(BuildSecrets own) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, own,
        remote, contexts, freshStages, caches);
  }

  /** The same with a context from elsewhere. @param address as written */
  public BuildRequest from(String address) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        address.strip(), contexts, freshStages, caches);
  }

  public BuildRequest withLogin(Function<String, Login> own) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, own, secrets,
        remote, contexts, freshStages, caches);
  }

  public BuildRequest withId(String own) {
    return new BuildRequest(
        own, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        remote, contexts, freshStages, caches);
  }

  public BuildRequest withNames(List<String> own) {
    return new BuildRequest(
        id, dockerfile, own, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        remote, contexts, freshStages, caches);
  }

  public BuildRequest withContexts(Map<String, NamedContext> own) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        remote, Map.copyOf(own), freshStages, caches);
  }

  public BuildRequest withFreshStages(Set<String> own) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        remote, contexts, Set.copyOf(own), caches);
  }

  public BuildRequest withCaches(CacheUse own) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        remote, contexts, freshStages, own);
  }

  /** @return true when steps of the stage may come from the cache */
  boolean usesCache(Stage stage) {
    return usesCache && !freshStages.contains(Integer.toString(stage.index())) && (stage.name() == null || !freshStages.contains(stage.name()));
  }
}
