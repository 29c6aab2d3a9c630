/** Sources of builds that lie elsewhere: files by http and repositories of git, asked for with care. */
@NullMarked
package dev.tallyman.build.remote;

import org.jspecify.annotations.NullMarked;
