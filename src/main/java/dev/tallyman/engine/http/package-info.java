/** Requests and answers of the Docker Engine API: routes, versions, parameters, JSON, errors. */
@NullMarked
package dev.tallyman.engine.http;

import org.jspecify.annotations.NullMarked;
