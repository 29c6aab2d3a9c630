package dev.tallyman.build;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.image.ImageParts;
import dev.tallyman.image.ImageSteps;
import dev.tallyman.image.Images;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.VolumeFolders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What every build works with. */
@Singleton
class BuildParts {
  final Images images;
  final ImageSteps steps;
  final ImageParts known;
  final Distribution distribution;
  final RunContainers containers;
  final Sandboxes sandboxes;
  final ContextIntake intake;
  final BuildStore store;
  final WaitingThreads threads;
  final VolumeFolders folders;
  final FolderStore folderStore;
  final CacheMounts caches;
  private final BuildLimits limits;
  final RemoteFiles remoteFiles;
  final RemoteRepositories repositories;
  final BuildInputs inputs;
  final RemoteContexts remoteContexts;
  final CacheImages cacheImages;

  @Inject
  BuildParts(
      Images images, ImageSteps steps, ImageParts known, Distribution distribution, RunContainers containers, Sandboxes sandboxes, ContextIntake intake, BuildStore store,
      WaitingThreads threads, VolumeFolders folders, FolderStore folderStore, CacheMounts caches, BuildLimits limits, RemoteFiles remoteFiles,
      RemoteRepositories repositories, BuildInputs inputs, RemoteContexts remoteContexts, CacheImages cacheImages) {
    this.cacheImages = cacheImages;
    this.inputs = inputs;
    this.remoteContexts = remoteContexts;
    this.limits = limits;
    this.remoteFiles = remoteFiles;
    this.repositories = repositories;
    this.folders = folders;
    this.folderStore = folderStore;
    this.caches = caches;
    this.images = images;
    this.steps = steps;
    this.known = known;
    this.distribution = distribution;
    this.containers = containers;
    this.sandboxes = sandboxes;
    this.intake = intake;
    this.store = store;
    this.threads = threads;
  }

  /** Of one build at the same time. */
  int stagesMax() {
    return limits.stagesMax() > 0 ? limits.stagesMax() : Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
  }
}
