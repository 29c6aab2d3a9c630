/**
 * Images: what a container starts from. Owns the tables images, image_layers, layers and tags, the blobs on disk and the layers in the
 * kernel's store.
 *
 * <p>Invariants: a row is committed after the bytes that it names are on disk, and bytes go after their row; a visible blob hashes to its
 * name; a layer of an image has the diff id that the image's configuration gives; who does not bring a layer's bytes gets no image with it.
 *
 * <p>A way in: {@code Spool} reads an archive once, {@code LayerIntake} hashes, keeps and unpacks each layer in one pass, {@code
 * ArchiveIndex} checks what the documents claim, {@code ImageInventory} makes it visible, all or nothing.
 */
package dev.tallyman.image;
