/* chatload - a load generator that speaks the chat's protocol (docs/protocol.md): one thread, one epoll set, no dependencies.
 *
 * It is also a check: every subscriber must get every row of its topics in order and each once, and every send its answer. A gap, a row twice, an error
 * or a lost connection ends it with status 2. See USAGE for the modes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROGRAM "chatload"
#include "load.h"

static const char USAGE[] =
"chatload MODE -f CROWD -P PORT [options]\n"
"  CROWD  a line per connection: TOKEN TOPIC [TOPIC ...]; each subscribes to its topics\n"
"  MODE   acked   -w messages in flight over all connections, each to the sender's first topic, for -d seconds\n"
"         idle    holds the connections, subscribed, -d seconds\n"
"         resume  drops all connections but the last -e, which write -m messages; then the others return at once and resume\n"
"         fetch   drops all connections, then all return at once and fetch the newest 50 rows of their first topic\n"
"  -c n   only the first n lines of CROWD      -w n  in flight (64)      -d s  seconds (5)     -s n  body bytes (100)\n"
"  -n n   stalled readers among the connections: they subscribe and then stop reading (0)\n"
"  -o n   connections that are opened at once (256)     -A cpu  pin to a CPU      -m n  messages while they are away, resume (1000)\n"
"  -e n   writers who stay, resume (1)\n"
"Prints one line of key=value pairs. Exit status: 0 measured, 1 usage or set-up failure, 2 something was lost, doubled, refused or out of order.\n";

enum { TOPICS = 5, MOST_FLIGHT = 65536 };
enum state { NEW, CONNECTING, UPGRADING, READY, GONE };
struct conn {
    int fd, topics, due;              /* due: answers to subscribe or fetch that are missing */
    enum state state; uint8_t want_out, stalled;
    int64_t topic[TOPICS], head[TOPICS];
    char token[64], epoch[37];
    uint8_t *in, *out; uint32_t in_n, in_cap, out_n, out_cap;
};
struct flight { uint64_t sent; int conn; };

static enum { ACKED, IDLE, RESUME, FETCH } mode;
static struct conn *C; static int n_conns, ep, port, window = 64, size = 100, stalled, opening = 256, cpu = -1, away = 1000, writers = 1;
static double secs = 5; static const char *crowd;
static int ready, connecting, in_flight, next_sender, next_open, measuring;
static uint64_t acked, delivered, bytes_in, sends;
static struct flight F[MOST_FLIGHT]; static int free_ids[MOST_FLIGHT], n_free;
static uint8_t buffer[1 << 18];
static uint64_t lat_ack[64 * 64], lat_deliver[64 * 64], n_ack, n_deliver;

static void add(uint64_t *h, uint64_t *n, uint64_t v) {
    unsigned e = v < 64 ? 0 : 58 - __builtin_clzll(v);
    h[(e << 6) + (v >> e)]++; (*n)++;
}
static double quantile(uint64_t *h, uint64_t n, double q) {
    memcpy(hist, h, sizeof hist); hist_n = n; return n ? hist_us(q) : 0;
}

static void arm(struct conn *c, int out) {
    if (c->want_out == out) return;
    c->want_out = out;
    struct epoll_event e = { .events = (c->stalled ? 0 : EPOLLIN) | (out ? EPOLLOUT : 0), .data.u32 = c - C };
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}
static void push(struct conn *c, const void *p, size_t n) {
    if (!c->out_n) {
        ssize_t k = send(c->fd, p, n, MSG_NOSIGNAL);
        if (k < 0) { if (errno != EAGAIN) die(2, "connection %d: send: %s", (int)(c - C), strerror(errno)); k = 0; }
        if ((size_t)k == n) return;
        p = (const char *)p + k; n -= k;
    }
    if (c->out_n + n > c->out_cap) { c->out_cap = (c->out_n + n) * 2; c->out = realloc(c->out, c->out_cap); }
    memcpy(c->out + c->out_n, p, n); c->out_n += n; arm(c, 1);
}
static void say(struct conn *c, const char *text, size_t n) {
    static uint8_t frame[1 << 16];
    push(c, frame, put_frame(frame, (const uint8_t *)text, n, 1));
}

static void connect_one(struct conn *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die(1, "socket: %s", strerror(errno));
    int yes = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    /* A port belongs to one address: some addresses have ports enough for all. */
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (c - C) / 8000) };
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(c->fd, (void *)&from, sizeof from)) die(1, "bind: %s", strerror(errno));
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (connect(c->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) die(1, "connect: %s", strerror(errno));
    c->state = CONNECTING; c->want_out = 1; c->in_n = c->out_n = 0; connecting++;
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT, .data.u32 = c - C };
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}
static void drop(struct conn *c) {
    /* Like a phone that goes into a tunnel: no closing handshake. */
    struct linger now = { 1, 0 }; setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(c->fd); c->state = NEW; c->in_n = c->out_n = 0;
}

static void subscribe(struct conn *c) {
    char text[256];
    for (int i = 0; i < c->topics; i++) {
        int n = c->epoch[0]
            ? snprintf(text, sizeof text, "{\"id\":%d,\"do\":\"subscribe\",\"topic\":%lld,\"epoch\":\"%s\",\"after\":%lld}", MOST_FLIGHT + i, (long long)c->topic[i], c->epoch, (long long)c->head[i])
            : snprintf(text, sizeof text, "{\"id\":%d,\"do\":\"subscribe\",\"topic\":%lld}", MOST_FLIGHT + i, (long long)c->topic[i]);
        say(c, text, n); c->due++;
    }
}
static void fetch(struct conn *c) {
    char text[128];
    say(c, text, snprintf(text, sizeof text, "{\"id\":%d,\"do\":\"subscribe\",\"topic\":%lld}", MOST_FLIGHT, (long long)c->topic[0])); c->due++;
}

static void send_one(void) {
    struct conn *c;
    do { c = &C[next_sender]; next_sender = (next_sender + 1) % n_conns; } while (c->state != READY || c->stalled);
    static uint64_t salt[2]; if (!salt[0]) getrandom(salt, sizeof salt, 0);
    int id = free_ids[--n_free];
    F[id] = (struct flight){ now_ns(), c - C };
    char text[8192];
    uint64_t k = ++sends ^ salt[0], t = F[id].sent;
    /* Version 8 of RFC 9562: ours to fill, each once. */
    int n = snprintf(text, sizeof text, "{\"id\":%d,\"do\":\"send\",\"topic\":%lld,\"key\":\"%08x-%04x-8%03x-a%03x-%012llx\",\"body\":\"@@%016llx ", id,
        (long long)c->topic[0], (unsigned)(salt[1] >> 32), (unsigned)(salt[1] & 0xffff), (unsigned)(k >> 60), (unsigned)(k >> 48 & 0xfff), (unsigned long long)(k & 0xffffffffffff), (unsigned long long)t);
    int fill = size > 20 ? size - 20 : 0; if (fill > 7000) fill = 7000;
    for (int i = 0; i < fill; i++) text[n++] = "shartnoma faktura dovernost "[i % 28];
    text[n++] = '"'; text[n++] = '}';
    in_flight++; say(c, text, n);
}

static int64_t number(const char *p, const char *end, const char *name) {
    const char *at = memmem(p, end - p, name, strlen(name));
    return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}
static int place(struct conn *c, int64_t topic) {
    for (int i = 0; i < c->topics; i++) if (c->topic[i] == topic) return i;
    return -1;
}
/* One text frame of the server. The buffer ends in a byte of its own, so number parsing stays inside. */
static void heard(struct conn *c, char *p, size_t n) {
    char *end = p + n;
    bytes_in += n;
    if (n > 8 && !memcmp(p, "{\"event\"", 8)) {
        if (n > 16 && !memcmp(p, "{\"event\":\"lag\"", 14)) { if (!c->stalled) die(2, "connection %d was told to lag", (int)(c - C)); return; }
        if (memcmp(p, "{\"event\":\"entry\"", 16)) return;
        int i = place(c, number(p, end, "\"topic\":"));
        int64_t seq = number(p, end, "\"seq\":");
        if (i < 0 || seq != c->head[i] + 1) die(2, "connection %d: row %lld after %lld of topic %lld", (int)(c - C), (long long)seq, i < 0 ? -1LL : (long long)c->head[i], i < 0 ? -1LL : (long long)c->topic[i]);
        c->head[i] = seq; delivered++;
        char *stamp = measuring ? memmem(p, n, "@@", 2) : NULL;
        if (stamp) add(lat_deliver, &n_deliver, now_ns() - strtoull(stamp + 2, NULL, 16));
        return;
    }
    int64_t id = number(p, end, "{\"id\":");
    if (id < 0 || !memmem(p, n < 64 ? n : 64, "\"ok\":", 5)) die(2, "connection %d: %.*s", (int)(c - C), (int)(n < 300 ? n : 300), p);
    if (id < MOST_FLIGHT) {
        if (measuring) add(lat_ack, &n_ack, now_ns() - F[id].sent);
        free_ids[n_free++] = id; in_flight--; acked++;
        return;
    }
    /* A topic's state: its head, and when resumed just the rows that were missing. */
    int i = id - MOST_FLIGHT; c->due--;
    const char *epoch = memmem(p, n, "\"epoch\":\"", 9);
    int64_t head = number(p, end, "\"head\":");
    if (!epoch || head < 0) die(2, "connection %d: no topic state: %.*s", (int)(c - C), (int)(n < 200 ? n : 200), p);
    if (mode == RESUME && c->epoch[0]) {
        if (memmem(p, n, "\"reset\":true", 12)) die(2, "connection %d was reset", (int)(c - C));
        int64_t at = c->head[i];
        for (char *row = p; (row = memmem(row, end - row, "{\"seq\":", 7)); row += 7) {
            int64_t seq = strtoll(row + 7, NULL, 10);
            if (memmem(row, end - row < 80 ? end - row : 80, "\"kind\":", 7) == NULL) continue;
            if (seq != at + 1) die(2, "connection %d resumed at row %lld after %lld", (int)(c - C), (long long)seq, (long long)at);
            at = seq; delivered++;
        }
        if (at != head) die(2, "connection %d resumed up to %lld of %lld", (int)(c - C), (long long)at, (long long)head);
    }
    c->head[i] = head; memcpy(c->epoch, epoch + 9, 36);
    if (!c->due) ready++;
}

static void read_frames(struct conn *c, uint8_t *p, size_t n) {
    while (n >= 2) {
        size_t h = 2, len = p[1] & 127;
        if (len == 126) { h = 4; if (n < 4) break; len = p[2] << 8 | p[3]; }
        else if (len == 127) { h = 10; if (n < 10) break; len = 0; for (int i = 0; i < 8; i++) len = len << 8 | p[2 + i]; }
        if (n < h + len) break;
        int op = p[0] & 15; char after = p[h + len];
        p[h + len] = 0;
        if (op == 1) heard(c, (char *)p + h, len);
        else if (op == 8) die(2, "connection %d was closed with %d", (int)(c - C), len >= 2 ? p[h] << 8 | p[h + 1] : 0);
        else if (op == 9) { uint8_t pong[140]; push(c, pong, put_frame(pong, p + h, len, 10)); }
        p[h + len] = after; p += h + len; n -= h + len;
    }
    if (n) {
        if (n + 1 > c->in_cap) { c->in_cap = n * 2 + 64; c->in = realloc(c->in, c->in_cap); }
        memcpy(c->in, p, n);
    } else { free(c->in); c->in = NULL; c->in_cap = 0; }
    c->in_n = n;
}
static void on_input(struct conn *c) {
    /* What is left of a frame comes first in the one buffer that all share. */
    size_t kept = c->in_n, room = sizeof buffer - 1;
    uint8_t *b = buffer;
    if (kept + 65536 > room) { b = malloc(kept + 65537); room = kept + 65536; }
    memcpy(b, c->in, kept);
    ssize_t k = recv(c->fd, b + kept, room - kept, 0);
    if (k <= 0) {
        if (k < 0 && errno == EAGAIN) goto out;
        die(2, "connection %d ended: %s", (int)(c - C), k ? strerror(errno) : "closed");
    }
    size_t n = kept + k;
    if (c->state == UPGRADING) {
        uint8_t *end = memmem(b, n, "\r\n\r\n", 4);
        if (!end) { if (c->in_cap < n) c->in = realloc(c->in, c->in_cap = n); memcpy(c->in, b, n); c->in_n = n; goto out; }
        if (memcmp(b, "HTTP/1.1 101", 12)) die(2, "connection %d refused: %.*s", (int)(c - C), 40, b);
        c->state = READY; connecting--;
        if (mode == FETCH && c->epoch[0]) fetch(c); else subscribe(c);
        if (c->stalled) { c->want_out = 2; arm(c, 0); }
        size_t h = end + 4 - b;
        memmove(b, b + h, n - h); n -= h;
    }
    read_frames(c, b, n);
out:
    if (b != buffer) free(b);
}
static void on_writable(struct conn *c) {
    if (c->state == CONNECTING) {
        int err = 0; socklen_t l = sizeof err; getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
        if (err) die(2, "connect: %s", strerror(err));
        c->state = UPGRADING; arm(c, 0);
        char head[512];
        int n = snprintf(head, sizeof head, "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: 1fin.v1\r\nAuthorization: Bearer %s\r\n\r\n", c->token);
        push(c, head, n);
        return;
    }
    ssize_t k = send(c->fd, c->out, c->out_n, MSG_NOSIGNAL);
    if (k < 0) { if (errno == EAGAIN) return; die(2, "send: %s", strerror(errno)); }
    memmove(c->out, c->out + k, c->out_n - k); c->out_n -= k;
    if (!c->out_n) { free(c->out); c->out = NULL; c->out_cap = 0; arm(c, 0); }
}
static void turn(int milliseconds) {
    struct epoll_event e[256];
    while (connecting < opening && next_open < n_conns) connect_one(&C[next_open++]);
    int n = epoll_wait(ep, e, 256, milliseconds);
    for (int i = 0; i < n; i++) {
        struct conn *c = &C[e[i].data.u32];
        if (c->state == NEW) continue;
        if (e[i].events & (EPOLLOUT | EPOLLERR) && c->want_out) on_writable(c);
        if (c->state != NEW && e[i].events & (EPOLLIN | EPOLLHUP) && !(c->stalled && c->state == READY)) on_input(c);
    }
}
static double connect_all(void) {
    uint64_t start = now_ns(); int wanted = n_conns - stalled;
    ready = next_open = 0;
    while (ready < wanted || next_open < n_conns) {
        turn(100);
        if (now_ns() - start > 120000000000u) die(2, "only %d of %d connections got their state within two minutes", ready, wanted);
    }
    return (now_ns() - start) / 1e9;
}
static void settle(uint64_t wanted) {
    uint64_t start = now_ns();
    while (in_flight || delivered < wanted) {
        turn(50);
        if (now_ns() - start > 30000000000u) die(2, "%d answers and %lld rows did not come", in_flight, (long long)(wanted - delivered));
    }
}
/* How many connections subscribe to each connection's first topic, so that every row is accounted for. */
static uint64_t *subscribers_of_first(void) {
    uint64_t *count = calloc(n_conns, sizeof *count); int64_t most = 0;
    for (int i = 0; i < n_conns; i++) for (int t = 0; t < C[i].topics; t++) if (C[i].topic[t] > most) most = C[i].topic[t];
    uint32_t *by = calloc(most + 1, sizeof *by);
    for (int i = 0; i < n_conns; i++) if (!C[i].stalled) for (int t = 0; t < C[i].topics; t++) by[C[i].topic[t]]++;
    for (int i = 0; i < n_conns; i++) count[i] = by[C[i].topic[0]];
    free(by); return count;
}
static double usage(int who) {
    struct rusage r; getrusage(who, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void load_crowd(int most) {
    FILE *f = fopen(crowd, "r"); char line[512]; int cap = 0;
    if (!f) die(1, "%s: %s", crowd, strerror(errno));
    while (n_conns < most && fgets(line, sizeof line, f)) {
        if (n_conns == cap) { C = realloc(C, (cap = cap * 2 + 1024) * sizeof *C); }
        struct conn *c = &C[n_conns++]; memset(c, 0, sizeof *c);
        char *word = strtok(line, " \n");
        if (!word || strlen(word) >= sizeof c->token) die(1, "line %d of %s has no token", n_conns, crowd);
        strcpy(c->token, word);
        while (c->topics < TOPICS && (word = strtok(NULL, " \n"))) c->topic[c->topics++] = atoll(word);
        if (!c->topics) die(1, "line %d of %s has no topic", n_conns, crowd);
    }
    fclose(f);
    if (!n_conns) die(1, "%s is empty", crowd);
    for (int i = 0; i < stalled && i < n_conns; i++) C[n_conns - 1 - i].stalled = 1;
}
static void report_start(void) { puts("start"); fflush(stdout); }

static void run_acked(void) {
    uint64_t *subscribers = subscribers_of_first(); uint64_t wanted = 0;
    double cpu0 = 0; uint64_t start = 0, warm = now_ns() + 1000000000u, stop = 0, acked0 = 0, delivered0 = 0;
    for (;;) {
        uint64_t now = now_ns();
        if (!measuring && now >= warm) {
            measuring = 1; start = now; stop = now + (uint64_t)(secs * 1e9); acked0 = acked; delivered0 = delivered; cpu0 = usage(RUSAGE_SELF);
            report_start();
        }
        if (measuring && now >= stop) break;
        while (in_flight < window) {
            send_one();
            wanted += subscribers[(next_sender + n_conns - 1) % n_conns];
        }
        turn(100);
    }
    double took = (now_ns() - start) / 1e9, cpu1 = usage(RUSAGE_SELF);
    uint64_t a = acked - acked0, d = delivered - delivered0;
    printf("measured\n"); fflush(stdout);
    settle(wanted);
    printf("acked=%llu delivered=%llu secs=%.2f acked_per_s=%.0f delivered_per_s=%.0f ack_p50_us=%.0f ack_p99_us=%.0f deliver_p50_us=%.0f deliver_p99_us=%.0f generator_cpu_us=%.2f lost=0\n",
        (unsigned long long)a, (unsigned long long)d, took, a / took, d / took, quantile(lat_ack, n_ack, .5), quantile(lat_ack, n_ack, .99),
        quantile(lat_deliver, n_deliver, .5), quantile(lat_deliver, n_deliver, .99), (cpu1 - cpu0) * 1e6 / (a ? a : 1));
}
static void run_return(void) {
    if (mode == RESUME) {
        for (int i = 0; i < n_conns - writers; i++) drop(&C[i]);
        next_open = n_conns;
        /* Round the crowd go only those who are still there. */
        for (int left = away; left > 0 || in_flight;) {
            while (left > 0 && in_flight < window) { send_one(); left--; }
            turn(50);
        }
        for (int i = n_conns - writers; i < n_conns; i++) drop(&C[i]);
    } else {
        for (int i = 0; i < n_conns; i++) drop(&C[i]);
    }
    opening = n_conns; delivered = 0;
    report_start();
    double took = connect_all();
    printf("measured\nreturned=%d secs=%.3f rows=%llu mb=%.1f lost=0\n", n_conns, took, (unsigned long long)delivered, bytes_in / 1e6);
}

int main(int argc, char **argv) {
    static const char *names[] = { "acked", "idle", "resume", "fetch" };
    int o, most = 1 << 30;
    if (argc < 2) return fputs(USAGE, stdout), 1;
    for (mode = 0; mode <= FETCH && strcmp(argv[1], names[mode]); mode++) {}
    if (mode > FETCH) die(1, "no mode '%s'", argv[1]);
    for (optind = 2; (o = getopt(argc, argv, "f:P:c:w:d:s:n:o:A:m:e:")) != -1;) switch (o) {
        case 'f': crowd = optarg; break;
        case 'P': port = atoi(optarg); break;
        case 'c': most = atoi(optarg); break;
        case 'w': window = atoi(optarg); break;
        case 'd': secs = atof(optarg); break;
        case 's': size = atoi(optarg); break;
        case 'n': stalled = atoi(optarg); break;
        case 'o': opening = atoi(optarg); break;
        case 'A': cpu = atoi(optarg); break;
        case 'm': away = atoi(optarg); break;
        case 'e': writers = atoi(optarg); break;
        default: return 1;
    }
    if (!crowd || !port || window < 1 || window > MOST_FLIGHT) die(1, "-f and -P are needed, and -w is 1 to %d", MOST_FLIGHT);
    if (cpu >= 0) { cpu_set_t s; CPU_ZERO(&s); CPU_SET(cpu, &s); sched_setaffinity(0, sizeof s, &s); }
    struct rlimit limit; getrlimit(RLIMIT_NOFILE, &limit); limit.rlim_cur = limit.rlim_max; setrlimit(RLIMIT_NOFILE, &limit);
    load_crowd(most);
    for (int i = 0; i < MOST_FLIGHT; i++) free_ids[n_free++] = MOST_FLIGHT - 1 - i;
    ep = epoll_create1(0);
    double took = connect_all();
    fprintf(stderr, PROGRAM ": %d connections with their state in %.2f s\n", n_conns, took);
    puts("ready"); fflush(stdout);
    if (mode == ACKED) run_acked();
    else if (mode == IDLE) {
        report_start();
        for (uint64_t stop = now_ns() + (uint64_t)(secs * 1e9); now_ns() < stop;) turn(50);
        printf("measured\nconnections=%d secs=%.2f\n", n_conns, secs);
    } else run_return();
    return 0;
}
