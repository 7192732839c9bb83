/* floor - what the kernel alone costs: an epoll loop in C that answers every upgrade with 101 and every frame of the load generator with
 * a frame made beforehand. It parses, unmasks, checks and copies nothing, so no server of sockets and system calls can be cheaper.
 * No WebSocket server: it believes that whole masked frames of one size come, which is what wsload sends in its echo and room cases.
 *
 *   floor SIZE                      SIZE: the generator's payload bytes
 *   floor SIZE CERTIFICATE KEY      built with -DTLS -lssl -lcrypto: what the kernel and OpenSSL cost; two PEM files
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
#ifdef TLS
#include <openssl/ssl.h>
#endif

enum { MOST = 65536, EVENTS = 256 };
static const char UPGRADED[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"; /* to wsload's one key */
static enum { NEW, ECHO, ROOM } state[MOST];
static int room[MOST], members;
#ifdef TLS
static SSL *ssl[MOST];
#endif
static unsigned char in[1 << 16], answer[1 << 20];

/* recv and send in plain or TLS */
static ssize_t take(int fd) {
#ifdef TLS
    int got = SSL_read(ssl[fd], in, sizeof in);
    if (got <= 0) errno = SSL_get_error(ssl[fd], got) == SSL_ERROR_WANT_READ ? EAGAIN : EPROTO;
    return got > 0 ? got : -1;
#else
    return recv(fd, in, sizeof in, 0);
#endif
}
static ssize_t give(int fd, const void *bytes, size_t count) {
#ifdef TLS
    return SSL_write(ssl[fd], bytes, count);
#else
    return send(fd, bytes, count, 0);
#endif
}
static int has_more(int fd) {
#ifdef TLS
    return ssl[fd] && SSL_has_pending(ssl[fd]); /* left behind by the call before: epoll does not know */
#else
    (void)fd;
    return 0;
#endif
}

static void leave(int fd) {
#ifdef TLS
    SSL_free(ssl[fd]);
    ssl[fd] = NULL;
#endif
    for (int i = 0; i < members; i++)
        if (room[i] == fd) room[i--] = room[--members];
    state[fd] = NEW;
    close(fd);
}

int main(int argc, char **argv) {
    size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 125, header = size < 126 ? 2 : 4, asked = header + 4 + size, sent = header + size;
    if (size > 60000) return fputs("floor: at most 60000 bytes\n", stderr), 1;
#ifdef TLS
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (argc < 4 || SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 || SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1)
        return fputs("floor: SIZE CERTIFICATE KEY\n", stderr), 1;
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
#endif
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
#ifdef TLS
                    ssl[new] = SSL_new(context);
                    SSL_set_fd(ssl[new], new);
                    SSL_set_accept_state(ssl[new]);
#endif
                    event.data.fd = new;
                    epoll_ctl(ep, EPOLL_CTL_ADD, new, &event);
                }
                continue;
            }
        again:;
            ssize_t got = take(fd);
            if (got <= 0) {
                if (got == 0 || errno != EAGAIN) leave(fd);
                continue;
            }
            if (state[fd] == NEW) {
                state[fd] = memmem(in, got, "/room", 5) ? ROOM : ECHO;
                if (state[fd] == ROOM) room[members++] = fd;
                if (give(fd, UPGRADED, sizeof UPGRADED - 1) < 0) leave(fd);
                continue;
            }
            size_t bytes = got / asked * sent;
            if (state[fd] == ECHO) {
                if (give(fd, answer, bytes) < (ssize_t)bytes) leave(fd);
            } else {
                /* The room's stamp is in the payload: unmasked here, so that the generator finds it. */
                static unsigned char frame[1 << 16];
                memcpy(frame, answer, header);
                for (size_t at = 0; at < size; at++) frame[header + at] = in[header + 4 + at] ^ in[header + (at & 3)];
                for (int j = 0; j < members; j++)
                    if (give(room[j], frame, sent) < (ssize_t)sent) leave(room[j--]);
            }
            if (has_more(fd)) goto again;
        }
    }
}
