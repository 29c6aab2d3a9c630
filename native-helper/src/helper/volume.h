/* The store of volumes: storage_root/volumes/ID/data holds the files, with ids from 0. */
#ifndef TALLYMAN_VOLUME_H
#define TALLYMAN_VOLUME_H

#include "../common/report.h"

/* Opens a volume's files as a directory descriptor, or -1: TM_E_ABSENT. */
int volume_open(int storage_fd, const char *id, struct report *report);

/* 1 when the directory is empty or was filled by half, 0 when not, or negative. */
int volume_is_empty(int data_fd, struct report *report);

/* Who may write to the files makes those that are there its own: they are not filled any more. */
void volume_use(int data_fd);

#endif
