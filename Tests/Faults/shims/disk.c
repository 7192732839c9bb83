// A disk that is full: LD_PRELOAD this, name a folder in FAULT_DISK and a file in FAULT_DISK_FULL. While that file is there, no file below the
// folder grows; what has its place already can be written, as on a real disk.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_full(int file, off_t end) {
  const char *folder = getenv("FAULT_DISK"), *full = getenv("FAULT_DISK_FULL");
  if (!folder || !full || access(full, F_OK) != 0) return 0;
  int before = errno;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  struct stat about;
  int grows = length > 0 && strncmp(path, folder, strlen(folder)) == 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode) && end > about.st_size;
  errno = grows ? ENOSPC : before;
  return grows;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static off_t size_of(const struct iovec *parts, int count) {
  off_t size = 0;
  for (int place = 0; place < count; place++) size += (off_t)parts[place].iov_len;
  return size;
}

ssize_t write(int file, const void *bytes, size_t size) {
  REAL(write);
  off_t place = lseek(file, 0, SEEK_CUR);
  return place >= 0 && is_full(file, place + (off_t)size) ? -1 : real(file, bytes, size);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) {
  REAL(pwrite);
  return is_full(file, place + (off_t)size) ? -1 : real(file, bytes, size, place);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t place) {
  REAL(pwritev);
  return is_full(file, place + size_of(parts, count)) ? -1 : real(file, parts, count, place);
}

int posix_fallocate(int file, off_t place, off_t size) {
  REAL(posix_fallocate);
  return is_full(file, place + size) ? ENOSPC : real(file, place, size);
}
