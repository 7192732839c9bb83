/* floor - what the kernel alone costs: an epoll loop in C that answers every upgrade with 101 and every frame of the load generator with
 * a frame made beforehand. It parses, unmasks, checks and copies nothing, so no server of sockets and system calls can be cheaper.
 * No WebSocket server: it believes that whole masked frames of one size come, which is what wsload sends in its echo and room cases.
 *
 *   floor SIZE          SIZE: the generator's payload bytes
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 65536, EVENTS = 256 };
static const char UPGRADED[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"; /* to wsload's one key */
static enum { NEW, ECHO, ROOM } state[MOST];
static int room[MOST], members;
static unsigned char in[1 << 16], answer[1 << 20];

static void leave(int fd) {
    for (int i = 0; i < members; i++)
        if (room[i] == fd) room[i--] = room[--members];
    state[fd] = NEW;
    close(fd);
}

int main(int argc, char **argv) {
    size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 125, header = size < 126 ? 2 : 4, asked = header + 4 + size, sent = header + size;
    if (size > 60000) return fputs("floor: at most 60000 bytes\n", stderr), 1;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < MOST ? limit.rlim_max : MOST;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (size_t at = 0; at + sent <= sizeof answer; at += sent) {
        answer[at] = 0x81;
        answer[at + 1] = size < 126 ? size : 126;
        if (size >= 126) answer[at + 2] = size >> 8, answer[at + 3] = size & 255;
    }
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), ep = epoll_create1(0), yes = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    if (bind(listener, (void *)&address, length) || listen(listener, 4096) || getsockname(listener, (void *)&address, &length)) return 1;
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, events[EVENTS];
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &event);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(ep, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                for (int new; (new = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
                    if (new >= MOST) { close(new); continue; }
                    setsockopt(new, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                    event.data.fd = new;
                    epoll_ctl(ep, EPOLL_CTL_ADD, new, &event);
                }
                continue;
            }
            ssize_t got = recv(fd, in, sizeof in, 0);
            if (got <= 0) {
                if (got == 0 || errno != EAGAIN) leave(fd);
                continue;
            }
            if (state[fd] == NEW) {
                state[fd] = memmem(in, got, "/room", 5) ? ROOM : ECHO;
                if (state[fd] == ROOM) room[members++] = fd;
                if (send(fd, UPGRADED, sizeof UPGRADED - 1, 0) < 0) leave(fd);
                continue;
            }
            size_t bytes = got / asked * sent;
            if (state[fd] == ECHO) {
                if (send(fd, answer, bytes, 0) < (ssize_t)bytes) leave(fd);
            } else {
                /* The room's stamp is in the payload: unmasked here, so that the generator finds it. */
                static unsigned char frame[1 << 16];
                memcpy(frame, answer, header);
                for (size_t at = 0; at < size; at++) frame[header + at] = in[header + 4 + at] ^ in[header + (at & 3)];
                for (int j = 0; j < members; j++)
                    if (send(room[j], frame, sent, 0) < (ssize_t)sent) leave(room[j--]);
            }
        }
    }
}
