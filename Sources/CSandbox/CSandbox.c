#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// MARK: Shutting in

static int limit(int resource, uint64_t value) {
  struct rlimit now, wanted;
  if (getrlimit(resource, &now)) return -1;
  wanted.rlim_max = now.rlim_max < value ? now.rlim_max : value;
  wanted.rlim_cur = wanted.rlim_max;
  return setrlimit(resource, &wanted);
}

static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t ignored = write(file, text, strlen(text));
  (void)ignored;
  close(file);
}

// In a mount namespace: the process's folder becomes /tmp, and /run, where services have their sockets, is empty. What LibreOffice leaves in /tmp goes
// with the folder.
static int leave_mounts(void) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount(".", "/tmp", NULL, MS_BIND | MS_NOSUID | MS_NODEV, NULL) || chdir("/tmp")) return 0;
  return mount("none", "/run", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k") ? 0 : CSANDBOX_MOUNTS;
}

// A network namespace without devices, and one of mounts. Root may simply have them, others need a user namespace around them.
static int leave_namespaces(void) {
  const int apart = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWNS;
  if (!unshare(apart)) return CSANDBOX_NETWORK | leave_mounts();
  char user[64], group[64];
  snprintf(user, sizeof user, "%u %u 1", geteuid(), geteuid());
  snprintf(group, sizeof group, "%u %u 1", getegid(), getegid());
  if (unshare(CLONE_NEWUSER | apart)) return 0;
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", user);
  put("/proc/self/gid_map", group);
  return CSANDBOX_NETWORK | leave_mounts();
}

static void allow_below(int rules, const char *path, uint64_t rights) {
  int place = open(path, O_PATH | O_CLOEXEC);
  if (place < 0) return;
  struct stat kind;
  if (!fstat(place, &kind) && !S_ISDIR(kind.st_mode))
    rights &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
  struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = place};
  syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  close(place);
}

// Of newer kernels than the headers that we are built with: <linux/landlock.h>.
typedef struct {
  uint64_t files, net, scoped;
} landlock_wish;

// Landlock of version 1, Linux 5.13: everything that a file can be asked for. Of version 4 also TCP, of version 6 abstract sockets and signals.
static int leave_files(int needs_tmp) {
  uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
  uint64_t all = read | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE
    | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK
    | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  landlock_wish wish = {.files = all, .net = version >= 4 ? 3 : 0, .scoped = version >= 6 ? 3 : 0};
  size_t size = version >= 6 ? sizeof wish : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
  int rules = (int)syscall(SYS_landlock_create_ruleset, &wish, size, 0);
  if (rules < 0) return 0;
  static const char *const readable[] = {
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice", "/etc/alternatives",
    "/var/cache/fontconfig", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/dev/urandom",
  };
  for (size_t index = 0; index < sizeof readable / sizeof *readable; index++) allow_below(rules, readable[index], read);
  allow_below(rules, "/dev/null", read | LANDLOCK_ACCESS_FS_WRITE_FILE);
  allow_below(
    rules, ".",
    read | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR
      | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM);
  // By the names of others' files nothing can be removed here that is this user's own: nobody may list /tmp.
  if (needs_tmp) allow_below(rules, "/tmp", LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE);
  int result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
  close(rules);
  return result ? 0 : version >= 6 ? CSANDBOX_FILES | CSANDBOX_SIGNALS : CSANDBOX_FILES;
}

#if defined(__x86_64__)
#define CSANDBOX_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CSANDBOX_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define REFUSED BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define REFUSE(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), REFUSED

// Holds also where namespaces are forbidden: no socket but local ones, which lead to nobody, none of the calls that break out of other sandboxes, and
// none that leave the group, which is killed as one.
static int leave_sockets(int connects) {
#ifdef CSANDBOX_ARCHITECTURE
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CSANDBOX_ARCHITECTURE, 1, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    // The x32 calls of x86-64 go by other numbers.
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), REFUSED,
    REFUSE(ptrace), REFUSE(process_vm_readv), REFUSE(process_vm_writev), REFUSE(bpf), REFUSE(perf_event_open), REFUSE(userfaultfd),
    REFUSE(io_uring_setup), REFUSE(keyctl), REFUSE(add_key), REFUSE(request_key), REFUSE(mount), REFUSE(umount2), REFUSE(pivot_root),
    REFUSE(unshare), REFUSE(setns), REFUSE(kexec_load), REFUSE(init_module), REFUSE(finit_module), REFUSE(open_by_handle_at),
    REFUSE(setsid), REFUSE(setpgid), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, connects ? ~0U : SYS_connect, 0, 1), REFUSED,
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0), REFUSED,
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? 0 : CSANDBOX_SOCKETS;
#else
  return 0;
#endif
}

int csandbox_enter(const csandbox_limits *limits) {
  int gone = 0;
  if (limit(RLIMIT_CORE, 0) || limit(RLIMIT_CPU, limits->seconds) || limit(RLIMIT_FSIZE, limits->file) || limit(RLIMIT_NOFILE, limits->files)
      || limit(RLIMIT_MEMLOCK, 0) || limit(RLIMIT_AS, limits->memory))
    return -1;
  // A file that grows too long is an error to be told, not a signal.
  signal(SIGXFSZ, SIG_IGN);
  umask(077);
  gone |= leave_namespaces();
  if (geteuid() == 0 && limits->user) {
    // Counted for all children of all workers; nobody else should be that user.
    if (limit(RLIMIT_NPROC, 4096) || setgroups(0, NULL) || setresgid(limits->user, limits->user, limits->user) || setresuid(limits->user, limits->user, limits->user)) return -1;
    gone |= CSANDBOX_SIGNALS;
  }
  if (geteuid() != 0) gone |= CSANDBOX_USER;
  if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) gone |= CSANDBOX_PRIVILEGES;
  // After the change of user, which would forget it. Who died before this line was heard of is asked after by name.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (limits->parent && getppid() != limits->parent) {
    errno = ESRCH;
    return -1;
  }
  gone |= leave_files(limits->office && !(gone & CSANDBOX_MOUNTS));
  gone |= leave_sockets(limits->office);
  return gone;
}

// MARK: Starting and waiting

int csandbox_spawn(
  pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *folder, int input, int output, int errors) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  int result = posix_spawn_file_actions_init(&actions);
  if (result) return result;
  if ((result = posix_spawnattr_init(&attributes))) {
    posix_spawn_file_actions_destroy(&actions);
    return result;
  }
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  if (!(result = posix_spawn_file_actions_adddup2(&actions, input, 0)) && !(result = posix_spawn_file_actions_adddup2(&actions, output, 1))
      && !(result = posix_spawn_file_actions_adddup2(&actions, errors, 2)) && !(result = posix_spawn_file_actions_addclosefrom_np(&actions, 3))
      && !(result = posix_spawn_file_actions_addchdir_np(&actions, folder)) && !(result = posix_spawnattr_setsigmask(&attributes, &none))
      && !(result = posix_spawnattr_setsigdefault(&attributes, &all))
      && !(result = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)))
    result = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

// posix_spawn cannot tie the two together, and a program that did so and then became the other one could miss its parent's end before.
int csandbox_spawn_tied(
  pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *folder, int input, int output, int errors) {
  pid_t parent = getpid(), child = fork();
  if (child < 0) return errno;
  if (child) {
    *pid = child;
    return 0;
  }
  // Between fork and exec only what a handler of a signal might call: the other threads' locks stay as they were.
  sigset_t none;
  sigemptyset(&none);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent || chdir(folder)) _exit(127);
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0 || syscall(SYS_close_range, 3, ~0U, 0)) _exit(127);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(program, arguments, environment);
  _exit(127);
}

static int64_t now_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int csandbox_wait(pid_t pid, int milliseconds) {
  int handle = (int)syscall(SYS_pidfd_open, pid, 0);
  if (handle < 0) return -1;
  int64_t deadline = now_milliseconds() + milliseconds;
  struct pollfd ended = {.fd = handle, .events = POLLIN};
  int ready;
  do {
    int64_t left = deadline - now_milliseconds();
    ready = poll(&ended, 1, left > 0 ? (int)left : 0);
  } while (ready < 0 && errno == EINTR);
  close(handle);
  return ready < 0 ? -1 : ready == 0;
}

int csandbox_reap(pid_t pid, csandbox_end *end) {
  // Until it is reaped its number belongs to its group: what it left behind goes with it.
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
  struct rusage usage;
  pid_t result;
  do result = wait4(pid, &end->status, 0, &usage);
  while (result < 0 && errno == EINTR);
  if (result != pid) return -1;
  end->memory = (uint64_t)usage.ru_maxrss * 1024;
  end->seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  return 0;
}
