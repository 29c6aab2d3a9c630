/** Pages of images: list, one image, upload. */
@NullMarked
package dev.tallyman.dashboard.image;

import org.jspecify.annotations.NullMarked;
