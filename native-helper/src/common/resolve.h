/* Paths that the kernel resolves below a directory. */
#ifndef TALLYMAN_RESOLVE_H
#define TALLYMAN_RESOLVE_H

struct open_how;

/* openat2, again where it gives up because something was renamed or mounted anywhere meanwhile (EAGAIN) or a signal came (EINTR); a container that
 * renames without end does not hold it up for ever. A descriptor, or a negative errno, which errno is then, too. */
int resolve_open(int directory, const char *path, const struct open_how *how);

#endif
