/** Devices by name: CDI (the Container Device Interface of the CNCF, versions 0.3 to 1.0), with which vendors of GPUs and others describe what a container needs of the host. */
@NullMarked
package dev.tallyman.device;

import org.jspecify.annotations.NullMarked;
