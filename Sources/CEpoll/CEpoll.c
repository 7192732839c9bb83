#define _GNU_SOURCE
#include "CEpoll.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

_Static_assert(EPOLLIN == CEPOLL_IN && EPOLLOUT == CEPOLL_OUT && EPOLLERR == CEPOLL_ERROR && EPOLLHUP == CEPOLL_HANGUP, "epoll bits");
_Static_assert(EPOLL_CTL_ADD == CEPOLL_ADD && EPOLL_CTL_DEL == CEPOLL_DELETE && EPOLL_CTL_MOD == CEPOLL_MODIFY, "epoll operations");

int cepoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cepoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data = {.u64 = data}};
  return epoll_ctl(epoll, operation, fd, &event);
}

int cepoll_wait(int epoll, struct cepoll_event *events, int count, int milliseconds) {
  struct epoll_event raw[256];
  int found = epoll_wait(epoll, raw, count < 256 ? count : 256, milliseconds);
  if (found < 0) return errno == EINTR ? 0 : -1;
  for (int i = 0; i < found; i++) {
    events[i].data = raw[i].data.u64;
    events[i].events = raw[i].events;
  }
  return found;
}

int cepoll_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int cepoll_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int cepoll_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int cepoll_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int cepoll_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }
