#include "control/hardening.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace aftercall::control {

void keep_to_ourselves() {
  umask(077);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // A core pattern that is a pipe does not heed the limit; this it does, and nobody may attach a debugger
  // either.
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace aftercall::control
