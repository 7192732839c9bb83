// Trying to get out of the sandbox, from inside.
#ifndef SANDBOX_SUPPORT_H
#define SANDBOX_SUPPORT_H

#include <stdint.h>

// What a process in the sandbox still could.
typedef enum {
  TRIAL_INTERNET = 1,  // made a socket for the internet
  TRIAL_LOOPBACK = 2,  // reached a server of this machine
  TRIAL_SECRET = 4,    // read a file outside that anybody may read
  TRIAL_WRITE = 8,     // wrote outside its folder
  TRIAL_ROOT = 16,     // became root again
  TRIAL_MEMORY = 32,   // had more memory than its limit
  TRIAL_LONG_FILE = 64, // wrote a longer file than its limit
  TRIAL_TRACE = 128,   // traced another process
  TRIAL_OWN_FOLDER = 256, // wrote in its own folder, which it may
  TRIAL_LIBRARIES = 512,   // read a library, which it may
  TRIAL_SERVICE = 1024,    // reached a server by its local socket
  TRIAL_ESCAPE = 2048,     // left the group that it is killed with
  TRIAL_SIGNAL = 4096      // ended a process of whoever started it
} SandboxTrial;

// As whom, and where, the sandbox is entered.
typedef enum {
  SANDBOX_AS_IS,              // as whoever runs the tests
  SANDBOX_ORDINARY,           // as a user that is not root
  SANDBOX_WITHOUT_NAMESPACES  // as one in a container that forbids namespaces and mounts
} SandboxWorld;

// Goes into the sandbox in a process of its own and tries all of that. `port`: of a server on 127.0.0.1; `service`: the path of a local socket;
// `secret`: a file; `outside`: a folder that everybody may write in. Gives what it could, and through `taken` what the sandbox says that it took. -1: the sandbox could not be entered.
int sandbox_trial(
  SandboxWorld world, const char *folder, uint32_t user, int port, const char *service, const char *secret, const char *outside, int *taken);

#endif
