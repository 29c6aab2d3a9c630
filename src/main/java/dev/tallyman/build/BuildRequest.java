package dev.tallyman.build;

import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.distribution.Login;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a build is asked for.
 *
 * @param id by which it can be cancelled; empty = none
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
 */
public record BuildRequest(
    String id, String dockerfile, List<String> names, Map<String, String> arguments, Map<String, String> labels, String target, boolean usesCache, boolean pulls,
    boolean keepsContainers, boolean removesAlways, String network, List<String> extraHosts, Limits limits, long shmSizeBytes, List<Ulimit> ulimits, Function<String, Login> login,
    BuildSecrets secrets, String remote) {
  /** One without secrets. */
  public BuildRequest(
      String id, String dockerfile, List<String> names, Map<String, String> arguments, Map<String, String> labels, String target, boolean usesCache, boolean pulls,
      boolean keepsContainers, boolean removesAlways, String network, List<String> extraHosts, Limits limits, long shmSizeBytes, List<Ulimit> ulimits, Function<String, Login> login) {
    this(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login,
        BuildSecrets.none(), "");
  }

  public BuildRequest with(BuildSecrets own) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, own,
        remote);
  }

  /** The same with a context from elsewhere. @param address as written */
  public BuildRequest from(String address) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        address.strip());
  }

  public BuildRequest withLogin(Function<String, Login> own) {
    return new BuildRequest(
        id, dockerfile, names, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, own, secrets,
        remote);
  }

  public BuildRequest withNames(List<String> own) {
    return new BuildRequest(
        id, dockerfile, own, arguments, labels, target, usesCache, pulls, keepsContainers, removesAlways, network, extraHosts, limits, shmSizeBytes, ulimits, login, secrets,
        remote);
  }
}
