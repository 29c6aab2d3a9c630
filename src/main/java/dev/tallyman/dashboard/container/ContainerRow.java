package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;

/** A container in the list. */
record ContainerRow(Container container, Actions actions) {}
