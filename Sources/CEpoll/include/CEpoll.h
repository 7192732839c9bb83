// The kernel calls that Swift's Glibc module leaves out, with fixed arguments.
#ifndef CEPOLL_H
#define CEPOLL_H

#include <stdint.h>
#include <sys/types.h>

#define CEPOLL_IN 0x001u
#define CEPOLL_OUT 0x004u
#define CEPOLL_ERROR 0x008u
#define CEPOLL_HANGUP 0x010u

enum { CEPOLL_ADD = 1, CEPOLL_DELETE = 2, CEPOLL_MODIFY = 3 };

/// One event as the loop sees it; `struct epoll_event` is packed on some machines and not on others.
struct cepoll_event {
  uint64_t data;
  uint32_t events;
};

/// epoll_create1(EPOLL_CLOEXEC).
int cepoll_create(void);
/// epoll_ctl.
int cepoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t data);
/// epoll_wait for at most 256 events; a signal counts as no event.
int cepoll_wait(int epoll, struct cepoll_event *events, int count, int milliseconds);
/// A non-blocking eventfd.
int cepoll_eventfd(void);
/// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int cepoll_accept(int listener);
/// A non-blocking stream socket of the family.
int cepoll_socket(int family);
/// Names the calling thread.
int cepoll_name_thread(const char *name);
/// Sets O_NONBLOCK.
int cepoll_nonblocking(int fd);

#endif
