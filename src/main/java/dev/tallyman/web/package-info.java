/** What all HTTP edges share: the guard before every request, the caller on a request, limits, error bodies, cookie and form tokens. */
@NullMarked
package dev.tallyman.web;

import org.jspecify.annotations.NullMarked;
