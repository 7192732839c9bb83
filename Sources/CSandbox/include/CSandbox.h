// Running one file of a stranger in a process that can do nothing else: starting it, shutting it in, waiting for it.
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stdint.h>
#include <sys/types.h>

// What a process may use until its end. Zero of `user`: the user stays.
typedef struct {
  uint64_t memory;  // bytes of address space
  uint64_t seconds; // of processor time
  uint64_t file;    // bytes of the longest file that it writes
  uint64_t files;   // open descriptors
  uint32_t user;    // user and group that root becomes
  int32_t parent;   // dies together with this process
  int32_t office;   // not 0: LibreOffice runs in it, which insists on a local socket in /tmp and on connecting to it
} csandbox_limits;

// What was taken away, as far as the kernel let us.
typedef enum {
  CSANDBOX_NETWORK = 1,    // a network namespace of its own, with nothing in it
  CSANDBOX_SOCKETS = 2,    // no sockets but local ones, no tracing, no mounts (seccomp)
  CSANDBOX_FILES = 4,      // sees programs, libraries and fonts, and writes below its folder only (Landlock)
  CSANDBOX_USER = 8,       // is not root
  CSANDBOX_PRIVILEGES = 16, // gets no privileges from programs that it runs
  CSANDBOX_MOUNTS = 32,    // has its own folder as /tmp, and nobody's sockets in /run (a mount namespace)
  CSANDBOX_SIGNALS = 64    // can end nobody's processes but those of its kind: it is another user than the worker, or Landlock keeps it from them
} CSandboxPart;

// Shuts the calling process in, for good; its folder is the only one that it may write in, and may have
// another name afterwards: /tmp. To be called before there is a second thread and before
// a byte of the stranger's was read. Returns what was taken away, or -1 when not even the limits could be set (errno says why).
int csandbox_enter(const csandbox_limits *limits);

// What became of a process.
typedef struct {
  int status;      // of wait(2)
  uint64_t memory; // bytes, the most that it or one of its children held at once
  double seconds;  // processor time of it and its children
} csandbox_end;

// Starts a program with these three descriptors and no other ones, in a session and group of its own, which nothing leaves that was shut in. Returns
// an errno, 0 when it runs.
int csandbox_spawn(
  pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *folder, int input, int output, int errors);

// The same in the caller's session and group; it ends with the thread that called, at the latest. Returns an errno, 0 when there is a process, which ends
// with 127 when the program cannot be run.
int csandbox_spawn_tied(
  pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *folder, int input, int output, int errors);

// Waits until a child ends, without taking its end away, at most so many milliseconds. Returns 0 when it has ended, 1 when not, -1 on failure (errno).
int csandbox_wait(pid_t pid, int milliseconds);

// Kills what is left of a child, and of its group if it has one of its own, and takes its end away. Returns 0, or -1 (errno).
int csandbox_reap(pid_t pid, csandbox_end *end);

#endif
