package dev.tallyman.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a specification became with its image's defaults; fixed at creation and stored as JSON.
 *
 * @param layers names in the kernel's store, bottom first; the image itself may be gone later
 * @param secrets the files of /run/secrets
 * @param stopSignal as given, e.g. SIGTERM
 * @param exposedPorts the image's and the creator's, each with its protocol; null in records of earlier versions
 * @param entrypointWords how many of path and args are the entrypoint, the rest being the command; null in records of earlier versions
 */
record Plan(
    String imageId, String path, List<String> args, List<String> env, String user, String workingDir, Map<String, String> labels, String stopSignal, List<String> layers,
    LifePlan life, List<MountPoint> mounts, List<SecretUse> secrets, @Nullable List<String> exposedPorts, @Nullable Integer entrypointWords) {
  Plan {
    args = List.copyOf(args);
    env = List.copyOf(env);
    layers = List.copyOf(layers);
    mounts = mounts == null ? List.of() : List.copyOf(mounts);
    secrets = secrets == null ? List.of() : List.copyOf(secrets);
    exposedPorts = exposedPorts == null ? null : List.copyOf(exposedPorts);
    life = life == null ? LifePlan.none() : life; // records of earlier versions have none
  }

  Plan withMounts(List<MountPoint> resolved) {
    return new Plan(imageId, path, args, env, user, workingDir, labels, stopSignal, layers, life, resolved, secrets, exposedPorts, entrypointWords);
  }

  Plan withSecrets(List<SecretUse> resolved) {
    return new Plan(imageId, path, args, env, user, workingDir, labels, stopSignal, layers, life, mounts, resolved, exposedPorts, entrypointWords);
  }
}
