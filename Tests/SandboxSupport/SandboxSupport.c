#define _GNU_SOURCE
#include "SandboxSupport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CSandbox.h"

static int can_read(const char *path) {
  char byte;
  int file = open(path, O_RDONLY);
  int result = file >= 0 && read(file, &byte, 1) == 1;
  if (file >= 0) close(file);
  return result;
}

static int can_write(const char *path, size_t size) {
  int file = open(path, O_WRONLY | O_CREAT, 0600);
  if (file < 0) return 0;
  int result = pwrite(file, "x", 1, (off_t)size - 1) == 1;
  close(file);
  return result;
}

static int can_reach(const char *path) {
  int local = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int result = local >= 0 && !connect(local, (struct sockaddr *)&address, sizeof address);
  if (local >= 0) close(local);
  return result;
}

// What containers forbid as a rule.
static int forbid_namespaces(void) {
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int settle(SandboxWorld world, uint32_t user) {
  if (world != SANDBOX_AS_IS && geteuid() == 0 && (setgroups(0, NULL) || setresgid(user, user, user) || setresuid(user, user, user))) return -1;
  return world == SANDBOX_WITHOUT_NAMESPACES ? forbid_namespaces() : 0;
}

static int try_all(pid_t other, int port, const char *service, const char *secret, const char *outside) {
  int could = 0;
  int internet = socket(AF_INET, SOCK_STREAM, 0);
  if (internet >= 0) could |= TRIAL_INTERNET;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (internet >= 0 && !connect(internet, (struct sockaddr *)&address, sizeof address)) could |= TRIAL_LOOPBACK;
  if (can_reach(service)) could |= TRIAL_SERVICE;
  if (can_read(secret)) could |= TRIAL_SECRET;
  if (can_write(outside, 1)) could |= TRIAL_WRITE;
  if (!setuid(0) && geteuid() == 0) could |= TRIAL_ROOT;
  void *memory = mmap(NULL, (size_t)1 << 32, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) could |= TRIAL_MEMORY;
  if (can_write("long", (size_t)2 << 20)) could |= TRIAL_LONG_FILE;
  if (ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0) could |= TRIAL_TRACE;
  if (!kill(other, 0)) could |= TRIAL_SIGNAL;
  if (setsid() >= 0 || !setpgid(0, 0)) could |= TRIAL_ESCAPE;
  if (can_write("own", 1)) could |= TRIAL_OWN_FOLDER;
  if (can_read("/usr/lib/x86_64-linux-gnu/libc.so.6") || can_read("/usr/lib/aarch64-linux-gnu/libc.so.6")) could |= TRIAL_LIBRARIES;
  return could;
}

int sandbox_trial(
  SandboxWorld world, const char *folder, uint32_t user, int port, const char *service, const char *secret, const char *outside, int *taken) {
  int ends[2], answer[2] = {-1, -1};
  if (pipe(ends)) return -1;
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    csandbox_limits limits = {.memory = (uint64_t)1 << 31, .seconds = 20, .file = 1 << 20, .files = 64, .user = user, .parent = parent};
    // Of the tests' own descriptors there may be more than the limit allows.
    if (dup2(ends[1], 3) < 0 || close_range(4, ~0U, 0) || settle(world, user) || chdir(folder)) _exit(1);
    // Somebody of the user that this process is until now, as the worker is; ends when nobody holds the other end of the pipe.
    int life[2];
    pid_t other = pipe(life) ? -1 : fork();
    if (other < 0) _exit(1);
    if (other == 0) {
      char byte;
      close(life[1]);
      _exit(read(life[0], &byte, 1) == 0 ? 0 : 1);
    }
    answer[0] = csandbox_enter(&limits);
    answer[1] = answer[0] < 0 ? 0 : try_all(other, port, service, secret, outside);
    _exit(write(3, answer, sizeof answer) == sizeof answer ? 0 : 1);
  }
  close(ends[1]);
  if (pid < 0 || read(ends[0], answer, sizeof answer) != sizeof answer) answer[0] = -1;
  close(ends[0]);
  if (pid > 0) waitpid(pid, NULL, 0);
  *taken = answer[0];
  return answer[0] < 0 ? -1 : answer[1];
}
