package dev.tallyman.container;

import java.util.List;
import java.util.Map;

/**
 * What a specification became with its image's defaults; fixed at creation and stored as JSON.
 *
 * @param layers names in the kernel's store, bottom first; the image itself may be gone later
 * @param secrets the files of /run/secrets
 * @param stopSignal as given, e.g. SIGTERM
 */
record Plan(
    String imageId, String path, List<String> args, List<String> env, String user, String workingDir, Map<String, String> labels, String stopSignal, List<String> layers,
    LifePlan life, List<MountPoint> mounts, List<SecretUse> secrets) {
  Plan {
    args = List.copyOf(args);
    env = List.copyOf(env);
    layers = List.copyOf(layers);
    mounts = mounts == null ? List.of() : List.copyOf(mounts);
    secrets = secrets == null ? List.of() : List.copyOf(secrets);
    life = life == null ? LifePlan.none() : life; // records of earlier versions have none
  }

  Plan withMounts(List<MountPoint> resolved) {
    return new Plan(imageId, path, args, env, user, workingDir, labels, stopSignal, layers, life, resolved, secrets);
  }

  Plan withSecrets(List<SecretUse> resolved) {
    return new Plan(imageId, path, args, env, user, workingDir, labels, stopSignal, layers, life, mounts, resolved);
  }
}
